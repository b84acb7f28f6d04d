import { spawnSync } from 'node:child_process'

const MARK = 'HEADCOUNT_TEST_MOUNTS'

/** Runs the body of a program with mounts of its own, which go with it however it ends: the program starts itself once more for that. */
export async function inOwnMounts(body: () => Promise<number>): Promise<number> {
  if (process.env[MARK] === 'own') return body()
  const args = ['--mount', process.execPath, ...process.argv.slice(1)]
  const { status } = spawnSync('unshare', args, { stdio: 'inherit', env: { ...process.env, [MARK]: 'own' } })
  return status ?? 1
}

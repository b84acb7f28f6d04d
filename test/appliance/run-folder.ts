import { existsSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder } from './base-root.ts'

/** What machines of this run write; named by our pid, so that two runs do not meet. */
export function runFolder(): string {
  return join(cacheFolder(), 'run', String(process.pid))
}

/** Removes what runs that were killed have left. Their mounts went with them: each run has mounts of its own. */
export async function removeOldRuns(): Promise<void> {
  const runs = join(cacheFolder(), 'run')
  for (const pid of await readdir(runs).catch(() => [])) {
    if (!existsSync(`/proc/${pid}`)) await rm(join(runs, pid), { recursive: true, force: true })
  }
}

import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../../agent/demo/free-port.ts'
import { eventually } from '../support/eventually.ts'
import { lives, processTree } from '../support/process-tree.ts'
import type { System } from './system.ts'

/** threads: detection and web in one Python process; multiprocess: a detection process and a web process with shared memory. */
export type PeerName = 'threads' | 'multiprocess'

const PROGRAMS: Record<PeerName, string> = { threads: 'peer_a_threads.py', multiprocess: 'peer_b_multiproc.py' }
/** They stop by themselves after this, whatever happens to the bench. */
const LIFE_S = 300

/** Where the Python designs lie, or null: they are not part of this repository. */
export function peersFolder(): string | null {
  const folder = process.env['HEADCOUNT_PEERS'] ?? fileURLToPath(new URL('../../../../shared/peers', import.meta.url))
  return existsSync(join(folder, PROGRAMS.threads)) ? folder : null
}

/** Starts one Python design on the clip (which already plays at 30 fps). */
export async function startPeer(folder: string, name: PeerName, clip: string, detector: string): Promise<System> {
  const port = await freePort()
  const args = [join(folder, PROGRAMS[name]), '--clip', clip, '--detector', detector, '--fps', '30', '--port', String(port)]
  const child = spawn('/usr/bin/python3', [...args, '--seconds', String(LIFE_S), '--json'], { stdio: 'ignore', detached: true })
  const base = `http://127.0.0.1:${port}/api/camera`
  const counters = async () => (await (await fetch(`${base}/status`)).json()) as Awaited<ReturnType<System['counters']>>
  await eventually(() => counters().catch(() => null), { what: `the peer "${name}" answers`, withinMs: 30_000, everyMs: 100 })
  if (name === 'multiprocess') await fetch(`${base}/start`, { method: 'POST' })
  return {
    pid: child.pid ?? 0,
    streamUrl: `${base}/stream`,
    token: '',
    counters,
    async [Symbol.asyncDispose]() {
      const tree = processTree(child.pid ?? 0)
      child.kill('SIGTERM')
      await eventually(() => !tree.some(lives), { what: 'the peer is gone', withinMs: 10_000 }).catch(() => {
        for (const pid of tree.filter(lives)) process.kill(pid, 'SIGKILL')
      })
    },
  }
}

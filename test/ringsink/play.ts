import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { RingSinkTarget } from 'hailort-node/ringsink'
import type { ElementOutcome } from './element-child.ts'

const ENTRY = fileURLToPath(new URL('./element-child.js', import.meta.url))
const LIMIT_MS = 60_000

/** Plays a launch text to its end in a process of its own. */
export async function play(launch: string, target: RingSinkTarget | null = null): Promise<ElementOutcome> {
  const child = fork(ENTRY, { execArgv: [], serialization: 'advanced' })
  try {
    child.send({ launch, target })
    const [outcome] = (await once(child, 'message', { signal: AbortSignal.timeout(LIMIT_MS) })) as [ElementOutcome]
    return outcome
  } finally {
    child.kill('SIGKILL')
  }
}

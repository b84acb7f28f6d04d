import { AgentError, type Fault, toFault } from '../errors.ts'
import type { Exit } from './child.ts'

/** Its process ended without a word. */
export function diedOf(stream: string, { code, signal }: Exit): Fault {
  const how = signal === null ? `with exit code ${code ?? 'none'}` : `by ${signal}`
  return toFault(
    new AgentError('CAPTURE_DIED', `The capture process of "${stream}" ended ${how}.`, {
      remedy: 'It is started again by itself; if this repeats, run with GST_DEBUG=3 and look at the log.',
    }),
  )
}

/** Its process lives and delivers nothing. */
export function silentFor(stream: string, limitMs: number): Fault {
  return toFault(
    new AgentError('SOURCE_SILENT', `No frame came from "${stream}" for ${Math.round(limitMs / 1_000)} s.`, {
      remedy: 'Check the camera, its cable or network; the source is opened again by itself.',
    }),
  )
}

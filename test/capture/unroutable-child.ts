import { captureEnv } from '../../agent/capture/environment.ts'
import { probeSource } from '../../agent/capture/probe.ts'
import { parseSource } from '../../agent/capture/source.ts'
import { AgentError } from '../../agent/errors.ts'

/* Opens the source of its argument in a real capture process and prints how that ended. */

const probing = probeSource(parseSource(process.argv[2] ?? ''), { env: captureEnv('/nonexistent'), signal: AbortSignal.timeout(40_000) })
const outcome = await probing.catch((error: unknown) => error)
process.stdout.write(JSON.stringify(outcome instanceof AgentError ? { code: outcome.code, message: outcome.what } : { code: 'none' }))

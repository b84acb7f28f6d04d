import { AgentError, type Fault } from '../errors.ts'
import { Child } from '../supervise/child.ts'
import type { CaptureOrder, CaptureReport, Source } from './messages.ts'
import { describeSource, secretsOf } from './source.ts'

/** What a source gives, before anything is scaled: size in square pixels, rate (0 = unknown), and length when it has one. */
export interface SourceCaps {
  readonly width: number
  readonly height: number
  readonly fps: number
  readonly durationMs: number | null
}

export interface ProbeOptions {
  /** captureEnv() */
  readonly env: NodeJS.ProcessEnv
  readonly signal: AbortSignal
}

const ENTRY = new URL('./child.js', import.meta.url)
const LIMIT_MS = 20_000
const LAST_REPORT_MS = 100

/** Opens a source in a process of its own, decodes three frames and says what it is. Throws an AgentError with the cause. */
export async function probeSource(source: Source, { env, signal }: ProbeOptions): Promise<SourceCaps> {
  signal.throwIfAborted()
  let settle: (outcome: SourceCaps | Fault | null) => void = () => undefined
  const settled = new Promise<SourceCaps | Fault | null>((resolve) => {
    settle = resolve
  })
  const giveUp = (): void => settle(null)
  const limit = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)])
  limit.addEventListener('abort', giveUp, { once: true })
  await using child = new Child<CaptureOrder, CaptureReport>(ENTRY, {
    name: 'capture probe',
    secrets: secretsOf(source),
    env,
    onReport: (report) => {
      if (report.type === 'failed') settle(report.fault)
      else if (report.type === 'caps') settle(report)
    },
  })
  child.send({ type: 'probe', source, parentPid: process.pid })
  // A report that is on its way when the process ends is still read.
  void child.exited.then(() => setTimeout(giveUp, LAST_REPORT_MS))
  const outcome = await settled
  limit.removeEventListener('abort', giveUp)
  signal.throwIfAborted()
  if (outcome === null) throw noAnswer(source)
  if ('code' in outcome) throw new AgentError(outcome.code, outcome.message, { remedy: outcome.remedy })
  const { width, height, fps, durationMs } = outcome
  return { width, height, fps, durationMs }
}

function noAnswer(source: Source): AgentError {
  return new AgentError('CAPTURE_DIED', `${describeSource(source)}: the process that opened it ended or gave no answer.`, {
    remedy: 'Try again; if this repeats, run with GST_DEBUG=3 and look at the log.',
  })
}

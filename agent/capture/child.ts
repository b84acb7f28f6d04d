import '../small-heap.ts'
import { AgentError, toFault } from '../errors.ts'
import { dieWithParent } from '../supervise/parent-death.ts'
import type { CaptureOrder, CaptureReport } from './messages.ts'
import type { Pipeline } from './pipeline.ts'
import { endLatestIn, endProcess } from './process-end.ts'

// The capture process: one source, one pipeline, one ring. GStreamer is loaded only when the order is here and the parent is known to live.

/** What the last report says must be read before the exit is seen; the agent answers it by ending this process. */
const LINGER_MS = 1_000
const STOP_LIMIT_S = 1

let pipeline: Pipeline | null = null
let over = false
let ordered = false

function say(report: CaptureReport): void {
  if (process.connected) process.send?.(report, undefined, undefined, () => undefined)
}

function end(): void {
  endLatestIn(STOP_LIMIT_S)
  pipeline?.stop()
  endProcess(0)
}

/** The last report: nothing after it counts. */
function finish(report: CaptureReport): void {
  if (over) return
  over = true
  say(report)
  setTimeout(end, LINGER_MS)
}

function fail(error: unknown): void {
  // Not foreseen: a bug. Node prints it and ends, the agent sees the exit.
  if (!(error instanceof AgentError)) throw error
  finish({ type: 'failed', fault: toFault(error) })
}

function report(told: CaptureReport): void {
  if (told.type === 'ended' || told.type === 'caps') finish(told)
  else say(told)
}

async function obey(order: CaptureOrder): Promise<void> {
  if (order.type === 'stop') end()
  if (order.type === 'stop' || ordered) return
  ordered = true
  dieWithParent(order.parentPid)
  process.title = order.type === 'start' ? `headcount: capture ${order.stream}` : 'headcount: capture probe'
  const { startCapture, startProbe } = await import('./capture.ts')
  const { withoutCamera } = await import('./capture-fault.ts')
  try {
    const events = { report, fail }
    pipeline = order.type === 'start' ? startCapture(order, events) : startProbe(order.source, events)
  } catch (error) {
    fail(await withoutCamera(order.source, error))
  }
}

process.title = 'headcount: capture'
dieWithParent(process.ppid)
process.on('message', (order: CaptureOrder) => void obey(order))
process.once('SIGTERM', end)
// Ctrl-C and a closed terminal reach the whole group: the agent decides the order in which it ends.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined)
process.once('disconnect', end)

import '../small-heap.ts'
import { writeSync } from 'node:fs'
import { toFault } from '../errors.ts'
import { dieWithParent } from '../supervise/parent-death.ts'
import { type AgentLink, EngineProcess, startFault } from './engine-process.ts'
import type { EngineOrder, EngineReport } from './messages.ts'
import { parseOrder } from './orders.ts'

const STDERR = 2
const END_LIMIT_MS = 500

let engine: EngineProcess | null = null
let started = false
let ending = false
let pendingReports = 0
/** Attached once the detector is open. */
let waiting: (() => void)[] = []

const link: AgentLink = {
  send: (report) => void say(report),
  backlog: () => pendingReports,
  fail: (fault) => {
    // The report first: the agent tells the person what was wrong, not only that the process died.
    const limit = setTimeout(() => process.exit(1), END_LIMIT_MS)
    void say({ type: 'failed', fault: toFault(fault) }).then(() => {
      clearTimeout(limit)
      process.exit(1)
    })
  },
}

/** Not with process.stderr: that makes a descriptor of it that does not block, and lines of native code lose their ends. */
function warn(text: string): void {
  writeSync(STDERR, `${text}\n`)
}

function say(report: EngineReport): Promise<void> {
  return new Promise((resolve) => {
    if (!process.connected || !process.send) return resolve()
    pendingReports++
    process.send(report, undefined, undefined, () => {
      pendingReports--
      resolve()
    })
  })
}

async function start(order: Extract<EngineOrder, { type: 'start' }>): Promise<void> {
  if (started) {
    warn('started twice; the second order is ignored')
    return
  }
  started = true
  dieWithParent(order.parentPid)
  process.title = `headcount: engine ${order.detector.backend}`
  try {
    engine = await EngineProcess.start(order, link)
    for (const act of waiting) act()
    waiting = []
  } catch (error) {
    link.fail(startFault(error))
  }
}

function obey(order: EngineOrder): void {
  if (order.type === 'stop') end()
  else if (order.type === 'start') void start(order)
  else if (engine === null) waiting.push(() => obey(order))
  else if (order.type === 'attach') engine.attach(order)
  else engine.detach(order.stream)
}

/** Ends this process within its limit: native work that is not done by then cannot be waited for. */
function end(): void {
  if (ending) return
  ending = true
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), END_LIMIT_MS)
  const working = engine === null ? started : engine.busy
  const closed = engine?.close()
  // process.exit() joins the threads of libuv: with an inference on one of them it may take seconds.
  if (working) process.kill(process.pid, 'SIGKILL')
  else void Promise.resolve(closed).finally(() => process.exit(0))
}

process.title = 'headcount: engine'
process.on('SIGTERM', end)
// Ctrl-C and a closed terminal reach the whole group: the agent decides the order in which it ends.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined)
process.on('disconnect', end)
process.on('message', (message) => {
  const order = parseOrder(message)
  if (order) obey(order)
  else warn(`not an order: ${JSON.stringify(message)?.slice(0, 200)}`)
})

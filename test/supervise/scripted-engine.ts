import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { EngineOrder, EngineReport, FrameReport } from '../../agent/engine/messages.ts'
import type { Step } from './scripted-engines.ts'

// Plays an engine process: obeys as a real one does, but says what the script of its backend and life tells.

const dir = process.env['SCRIPTED_ENGINES'] ?? ''
let backend = ''
let life = 0
let ready = false
let deaf = false
const given = new Set<string>()
const waiting: (() => void)[] = []

function note(event: object): void {
  appendFileSync(join(dir, 'log'), `${JSON.stringify({ pid: process.pid, backend, life, ...event })}\n`)
}

function say(report: EngineReport): void {
  process.send?.(report)
}

/** A ring has one engine: whoever had it must have let it go, or be gone. */
function take(stream: string): void {
  const owner = join(dir, `owner.${stream}`)
  const pid = existsSync(owner) ? Number(readFileSync(owner, 'utf8')) : 0
  if (pid > 0 && pid !== process.pid && lives(pid)) note({ clash: stream, with: pid })
  writeFileSync(owner, String(process.pid))
  given.add(stream)
}

function lives(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false // gone
  }
}

function obey(order: EngineOrder): void {
  if (order.type === 'start') {
    void play(order)
    return
  }
  if (!ready) {
    waiting.push(() => obey(order))
    return
  }
  if (order.type === 'stop') process.exit(0)
  note({ order: order.type, stream: order.stream, ...(order.type === 'attach' ? { learnt: order.learnt ?? null } : {}) })
  if (order.type === 'attach') take(order.stream)
  else if (given.delete(order.stream)) rmSync(join(dir, `owner.${order.stream}`), { force: true })
}

async function play({ detector }: Extract<EngineOrder, { type: 'start' }>): Promise<void> {
  backend = detector.backend
  process.title = `headcount: engine ${backend} (scripted)`
  const lived = join(dir, `lives.${backend}`)
  appendFileSync(lived, '.')
  life = readFileSync(lived).length
  note({ order: 'start', cpuFallback: detector.cpuFallback })
  const scripts = (JSON.parse(readFileSync(join(dir, 'scripts'), 'utf8')) as Record<string, Step[][]>)[backend] ?? []
  for (const step of scripts[life - 1] ?? scripts.at(-1) ?? []) await act(step)
}

async function act(step: Step): Promise<void> {
  if ('say' in step) {
    say(step.say)
    if (step.say.type === 'ready') {
      ready = true
      for (const each of waiting.splice(0)) each()
    }
  } else if ('until' in step) {
    while (!existsSync(join(dir, step.until))) await sleep(5)
  } else if ('deaf' in step) deaf = true
  else if ('freeze' in step) process.kill(process.pid, 'SIGSTOP')
  else if ('exit' in step) process.exit(step.exit)
  else setInterval(() => say({ type: 'results', frames: [...given].map(frame) }), 10)
}

let seq = 0

/** One frame with nobody on it; who made it stands in the number of its writer. */
function frame(stream: string): FrameReport {
  const nowMs = Number(process.hrtime.bigint()) / 1e6
  const times = { ptsNs: 0, arrivedMs: nowMs, resultMs: nowMs, inferenceUs: 1_000 }
  return { stream, seq: ++seq, generation: process.pid, ...times, predicted: false, tentative: false, tracks: [] }
}

process.on('message', (order) => obey(order as EngineOrder))
process.on('disconnect', () => process.exit(0))
process.on('SIGTERM', () => {
  if (!deaf) process.exit(0)
})
// Waits for its orders.
setInterval(() => undefined, 60_000)

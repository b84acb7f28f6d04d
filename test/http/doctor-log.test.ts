import { Hono } from 'hono'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Finding } from '../../agent/doctor/finding.ts'
import type { HttpEnv } from '../../agent/http/access.ts'
import { doctorRoutes } from '../../agent/http/doctor-routes.ts'
import { errorResponse } from '../../agent/http/error-response.ts'
import { eventually } from '../support/eventually.ts'
import { handAgent } from '../support/mjpeg-agent.ts'
import { bearer, fault, openApp } from './hand-app.ts'

const test = suite('http doctor and log')
const fine: Finding = { check: 'power', severity: 'ok', what: 'All is well.', why: null, remedy: null }
const broken: Finding = { check: 'npu-driver', severity: 'failed', what: 'It is not loaded.', why: 'Nothing detects.', remedy: 'Load it.' }

/** Nothing else keeps the process of this test awake while it waits. */
async function awake<Result>(waiting: Promise<Result> | Result): Promise<Result> {
  const timer = setInterval(() => undefined, 1_000)
  try {
    return await waiting
  } finally {
    clearInterval(timer)
  }
}

/** The doctor's route alone, with a shorter patience. */
function doctorApp(agent: ReturnType<typeof handAgent>, longestMs: number, ending = new AbortController().signal) {
  const bugs: unknown[] = []
  const app = new Hono<HttpEnv>().route('/', doctorRoutes(agent, ending, longestMs))
  app.onError((error, c) => errorResponse(c, error, (bug) => bugs.push(bug)))
  return { app, bugs }
}

test('tells what doctor finds, and whether something failed', async () => {
  const agent = handAgent()
  const { app } = await openApp(agent)
  agent.doctor = async () => [fine]
  assert.equal(await (await app.request('/api/doctor', { headers: bearer })).json(), { ok: true, findings: [fine] })
  agent.doctor = async () => [fine, broken]
  assert.equal(await (await app.request('/api/doctor', { headers: bearer })).json(), { ok: false, findings: [fine, broken] })
})

test('checks once for all who ask meanwhile, and anew for who comes later', async () => {
  const agent = handAgent()
  const { app } = await openApp(agent)
  const rounds: ((findings: readonly Finding[]) => void)[] = []
  agent.doctor = () => new Promise((resolve) => rounds.push(resolve))
  const asked = [1, 2, 3].map(async () => app.request('/api/doctor', { headers: bearer }))
  await eventually(() => rounds.length > 0, { what: 'the checks run' })
  rounds[0]?.([broken])
  for (const response of await Promise.all(asked)) assert.equal(((await response.json()) as { ok: boolean }).ok, false)
  assert.is(rounds.length, 1)
  const later = app.request('/api/doctor', { headers: bearer })
  await eventually(() => rounds.length === 2, { what: 'they run again' })
  rounds[1]?.([fine])
  assert.is((await later).status, 200)
})

test('says that the checks hang, starts no second round beside them, and works again when they are over', async () => {
  const agent = handAgent()
  const { app, bugs } = doctorApp(agent, 20)
  let rounds = 0
  let end: (findings: readonly Finding[]) => void = () => undefined
  let told: AbortSignal | null = null
  agent.doctor = (signal) => {
    rounds += 1
    told = signal
    return new Promise((resolve) => {
      end = resolve
    })
  }
  for (let i = 0; i < 3; i += 1) {
    const response = await awake(app.request('/api/doctor'))
    assert.is(response.status, 503)
    assert.is((await fault(response)).code, 'DOCTOR_SILENT')
  }
  assert.is(rounds, 1)
  assert.ok((told as AbortSignal | null)?.aborted)
  end([fine])
  agent.doctor = async () => [broken]
  await eventually(async () => (await app.request('/api/doctor')).status === 200, { what: 'the next round' })
  assert.equal(bugs, [])
})

test('says the same when the checks end because they were told to', async () => {
  const agent = handAgent()
  const { app, bugs } = doctorApp(agent, 20)
  agent.doctor = (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
  const response = await awake(app.request('/api/doctor'))
  assert.equal([response.status, (await fault(response)).code, bugs], [503, 'DOCTOR_SILENT', []])
})

test('ends the checks when the agent ends', async () => {
  const agent = handAgent()
  const ending = new AbortController()
  const { app, bugs } = doctorApp(agent, 60_000, ending.signal)
  let ended = false
  agent.doctor = (signal) =>
    new Promise((_, reject) => {
      signal.addEventListener('abort', () => {
        ended = true
        reject(signal.reason as Error)
      })
      setImmediate(() => ending.abort())
    })
  assert.is((await awake(app.request('/api/doctor'))).status, 503)
  assert.equal([ended, bugs], [true, []])
})

test('a check that nobody foresaw to fail is a bug, and does not stop the next round', async () => {
  const agent = handAgent()
  const { app, bugs } = doctorApp(agent, 60_000)
  agent.doctor = async () => {
    throw new TypeError('unforeseen')
  }
  assert.is((await app.request('/api/doctor')).status, 500)
  agent.doctor = async () => [fine]
  assert.is((await app.request('/api/doctor')).status, 200)
  assert.is(bugs.length, 1)
})

test('shows the last lines of the log', async () => {
  const agent = handAgent()
  agent.logLines = () => ['INFO  Ready', 'WARN  The broker has gone']
  const { app } = await openApp(agent)
  assert.equal(await (await app.request('/api/log', { headers: bearer })).json(), { lines: ['INFO  Ready', 'WARN  The broker has gone'] })
  assert.is((await app.request('/api/log')).status, 401)
})

test.run()

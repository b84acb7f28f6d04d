import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { InsideProcess } from '../../agent/doctor/inside-process.ts'
import { askProcess } from '../../agent/doctor/probe-process.ts'
import { AgentError } from '../../agent/errors.ts'
import { eventually } from '../support/eventually.ts'
import { Tree } from '../support/tree.ts'

/** More than the threads with which Node reads files. */
const ROUNDS = 6

async function children(): Promise<string[]> {
  const pids = await readFile(`/proc/self/task/${process.pid}/children`, 'utf8')
  return pids.split(' ').filter(Boolean)
}

async function codeOf(asked: Promise<unknown>): Promise<string> {
  const error = await asked.catch((reason: unknown) => reason)
  return error instanceof AgentError ? error.code : error instanceof Error ? error.name : `no error: ${String(error)}`
}

const env = { PATH: process.env['PATH'], HOME: '/nowhere' }
const test = suite('doctor for the running agent')

test('tells what doctor finds, knows that the agent runs, and leaves no process behind', async () => {
  await using tree = await Tree.make({ 'config.yaml': 'streams: [{id: door, source: test}]' })
  const doctor = new InsideProcess({ ...env, HEADCOUNT_STATE_DIR: tree.at('state') })
  const findings = await doctor.findings({ file: tree.at('config.yaml'), port: 4711 }, new AbortController().signal)
  assert.match(findings.find(({ check }) => check === 'port')?.what ?? '', 'listens on port 4711')
  assert.is(findings.find(({ check }) => check === 'configuration')?.severity, 'ok')
  await eventually(async () => (await children()).length === 0, { what: 'the process is gone' })
})

test('a disk that hangs holds the process of the checks, and nothing of ours', async () => {
  await using tree = await Tree.make()
  const pipe = tree.at('config.yaml')
  // Reading a pipe that nobody writes waits as a dead disk does.
  await promisify(execFile)('mkfifo', [pipe])
  const doctor = new InsideProcess(env)
  for (let round = 0; round < ROUNDS; round++) {
    const stop = new AbortController()
    const asked = codeOf(doctor.findings({ file: pipe, port: 1 }, stop.signal))
    await eventually(async () => (await children()).length > 0, { what: 'the process is there' })
    stop.abort()
    assert.is(await asked, 'AbortError')
    await eventually(async () => (await children()).length === 0, { what: 'the process is gone' })
  }
})

test('as long as the kernel keeps one process of the checks there is no other', async () => {
  let started = 0
  let end: (how: string) => void = () => undefined
  const ask: typeof askProcess = async ({ limitMs, onStart }) => {
    started++
    onStart?.(
      new Promise((resolve) => {
        end = resolve
      }),
    )
    return { state: 'hung', limitMs }
  }
  const doctor = new InsideProcess(env, ask)
  const { signal } = new AbortController()
  for (let times = 0; times < 3; times++) assert.is(await codeOf(doctor.findings({ file: null, port: 1 }, signal)), 'DOCTOR_SILENT')
  assert.is(started, 1)
  end('SIGKILL')
  await new Promise(setImmediate)
  assert.is(await codeOf(doctor.findings({ file: null, port: 1 }, signal)), 'DOCTOR_SILENT')
  assert.is(started, 2)
})

test('a process that dies, and what nobody foresaw in it, are bugs with their words', async () => {
  const { signal } = new AbortController()
  const broken = new InsideProcess({ ...env, NODE_OPTIONS: '--require=/nowhere/at-all.js' })
  assert.match(await broken.findings({ file: null, port: 1 }, signal).then(String, String), 'without an answer (exit code 1)')
  const ask = (async () => ({ state: 'answered', answer: { bug: 'TypeError: unforeseen' } })) as typeof askProcess
  assert.match(await new InsideProcess(env, ask).findings({ file: null, port: 1 }, signal).then(String, String), 'TypeError: unforeseen')
})

test('an answer is read to its end, however long it is', async () => {
  const long = 900_000
  const entry = new URL('./wordy-child.js', import.meta.url)
  const outcome = await askProcess<string>({ entry, args: [String(long)], env, limitMs: 60_000 })
  assert.is(outcome.state === 'answered' ? outcome.answer.length : outcome.state, long)
})

test('a process that cannot be made for want of descriptors ends the question, not who asks', async () => {
  const module = new URL('../../agent/doctor/inside-process.js', import.meta.url).href
  const script = `
    import { openSync } from 'node:fs'
    const { InsideProcess } = await import('${module}')
    const doctor = new InsideProcess(process.env)
    try { for (;;) openSync('/dev/null') } catch (_) {}
    for (let times = 0; times < 2; times++) {
      console.log(await doctor.findings({ file: null, port: 1 }, new AbortController().signal).then(() => 'found', String))
      await new Promise((resolve) => setTimeout(resolve, 1))
    }`
  const limited = 'ulimit -n 100; exec "$0" --input-type=module -e "$1"'
  const { stdout } = await promisify(execFile)('sh', ['-c', limited, process.execPath, script])
  assert.match(stdout, /^(.*without an answer \(spawn .* EMFILE\)\n){2}$/)
})

test.run()

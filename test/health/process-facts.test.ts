import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { cpuSeconds, processFacts, pssBytes } from '../../agent/health/process-facts.ts'
import { ProcessReader } from '../../agent/health/process-vitals.ts'

const test = suite('process facts')

async function ended(): Promise<number> {
  const child: ChildProcess = spawn('true')
  const { pid = 0 } = child
  await once(child, 'exit')
  return pid
}

test('reads memory and CPU time of a process', async () => {
  const before = await processFacts(process.pid)
  assert.ok((before.memoryBytes ?? 0) > 1_000_000, `${before.memoryBytes} bytes`)
  const { user, system } = process.cpuUsage()
  const untilMicros = user + system + 300_000
  while (process.cpuUsage().user + process.cpuUsage().system < untilMicros); // busy for 0.3 s of CPU time
  const after = await processFacts(process.pid)
  const spent = (after.cpuSeconds ?? 0) - (before.cpuSeconds ?? 0)
  assert.ok(spent >= 0.25 && spent < 30, `${spent} s`)
})

test('does not know a process that is gone', async () => {
  assert.equal(await processFacts(await ended()), { memoryBytes: null, cpuSeconds: null })
})

test('takes numbers only from where the kernel writes them', () => {
  const stat = '7 (a) b (1 2) S 1 7 7 0 -1 4194304 1 2 3 4 150 50 9 9 20 0 1 0 5 6 7'
  assert.is(cpuSeconds(stat), 2)
  for (const text of ['', 'no bracket', '7 (a) S', '7 (a) S 1 7 7 0 -1 4194304 1 2 3 4 x y']) assert.is(cpuSeconds(text), null, text)
  assert.is(pssBytes('00400000-7fff [rollup]\nRss:     100 kB\nPss:      12 kB\nPss_Anon: 3 kB\n'), 12_288)
  assert.is(pssBytes('Pss: kB'), null)
  assert.is(pssBytes(''), null)
})

test('tells of processes that run, that are down and that have just ended', async () => {
  const reader = new ProcessReader()
  const run = (title: string, pid: number | null) => ({ title, pid, restarts: 1, uptimeS: 2 })
  const told = await reader.now([run('agent', process.pid), run('engine', null), run('capture', await ended())])
  assert.equal(
    told.map(({ title, restarts, uptimeS }) => [title, restarts, uptimeS]),
    ['agent', 'engine', 'capture'].map((title) => [title, 1, 2]),
  )
  assert.equal(
    told.map(({ memoryBytes, cpuSeconds: seconds }) => [memoryBytes !== null, seconds !== null]),
    [
      [true, true],
      [false, false],
      [false, false],
    ],
  )
})

test.run()

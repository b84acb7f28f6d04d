import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Worker } from 'node:worker_threads'
import { VDevice } from 'hailort-node/hailort'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { eventually } from '../support/eventually.ts'
import { codeOf, colour, NMS, openModel, SIDE } from './opened-model.ts'
import { simulatedHere } from './simulator.ts'

const npu = await simulatedHere()

const CHILD = fileURLToPath(new URL('./exit-child.js', import.meta.url))
/** A child or worker that has not ended by then hangs. */
const HANG_MS = 30_000

setFlagsFromString('--expose_gc')
const collectGarbage = runInNewContext('gc') as () => void

const childNetwork = {
  input: { name: 'net/input', width: SIDE, height: SIDE },
  outputs: [NMS],
  fps: { 1: 200 },
  detector: { kind: 'echo' },
} as const

const deviceIsFree = { what: 'the device is free again', everyMs: 20, withinMs: HANG_MS } as const

/** Of all threads of this process. */
function threadNames(): string[] {
  return readdirSync('/proc/self/task').map((id) => {
    try {
      return readFileSync(`/proc/self/task/${id}/comm`, 'utf8').trim()
    } catch {
      return '' // ended meanwhile
    }
  })
}

/** Whether the device can be had; it is given back at once. */
async function free(): Promise<boolean> {
  const vdevice = await VDevice.open().catch(() => null)
  await vdevice?.close()
  return vdevice !== null
}

const test = suite('closing a model')

test('closing during inference rejects what is under way with CLOSED and frees the device', async () => {
  for (const fps of [null, { 1: 5 }]) {
    const opened = await openModel(npu, { fps })
    const calls = Array.from({ length: 8 }, () =>
      opened.model.infer([colour(1), colour(2)]).then(
        (answers) => answers.length,
        (error: unknown) => (error as { code: string }).code,
      ),
    )
    const first = fps === null ? null : await calls[0]
    const closing = opened.model.close()
    const outcomes = await Promise.all(calls)
    await closing
    for (const outcome of outcomes) assert.ok(outcome === 2 || outcome === 'CLOSED', String(outcome))
    if (first !== null) assert.ok(outcomes.includes('CLOSED') && first === 2)
    await opened.vdevice.close()
    assert.ok(await free())
  }
})

test('closing twice, together or later, is closing once', async () => {
  await using opened = await openModel(npu)
  await opened.model.infer([colour(1)])
  await Promise.all([opened.model.close(), opened.model.close(), opened.model[Symbol.asyncDispose]()])
  await opened.model.close()
  assert.is(await codeOf(opened.model.infer([colour(1)])), 'CLOSED')
  assert.is(await codeOf(opened.model.infer([])), 'CLOSED')
  assert.is(opened.model.counters().frames, 1)
  assert.is(opened.model.counters().inFlight, 0)
  assert.is(opened.model.input.name, 'net/input')
})

test('a device that is closed closes its models first', async () => {
  const opened = await openModel(npu, { fps: { 1: 5 } })
  const calls = Promise.all([1, 2, 3].map(() => codeOf(opened.model.infer([colour(1), colour(2)]))))
  await opened.vdevice.close()
  assert.equal(await calls, ['CLOSED', 'CLOSED', 'CLOSED'])
  assert.ok(await free())
})

test('a hundred models one after another, closed at any moment, leave nothing behind', async () => {
  for (let round = 0; round < 100; round++) {
    const opened = await openModel(npu, { fps: { 1: 1_000 } }, { batchSize: 2 })
    const calls = Array.from({ length: round % 7 }, () => opened.model.infer([colour(1)]).catch(() => null))
    if (round % 3 === 0) await sleep(round % 5)
    if (round % 2 === 0) void opened.model.close()
    await opened.vdevice.close()
    await Promise.all(calls)
  }
  assert.ok(await free())
})

test('a model and a device that nobody holds any more are closed by themselves', async () => {
  const forget = async () => {
    const { model } = await openModel(npu)
    await model.infer([colour(1)])
  }
  await forget()
  await eventually(() => {
    collectGarbage()
    return free()
  }, deviceIsFree)
})

test('a model that nobody holds any more is closed by itself while its device stays open', async () => {
  await using opened = await openModel(npu)
  await opened.model.close()
  const forget = async () => {
    for (let round = 0; round < 3; round++) {
      const model = await opened.vdevice.configure(opened.hef, { batchSize: 1 })
      await model.infer([colour(1)])
    }
  }
  await forget()
  await eventually(
    () => {
      collectGarbage()
      return !threadNames().some((name) => name.startsWith('npu '))
    },
    { what: 'the threads of the models have ended', everyMs: 20, withinMs: HANG_MS },
  )
})

test('a device does not hold on to models that are closed', async () => {
  await using opened = await openModel(npu)
  const used = async () => {
    const model = await opened.vdevice.configure(opened.hef, { batchSize: 1 })
    await model.close()
    return new WeakRef(model)
  }
  const models = await Promise.all([used(), used(), used()])
  await eventually(
    () => {
      collectGarbage()
      return models.every((model) => model.deref() === undefined)
    },
    { what: 'the models are collected', everyMs: 20, withinMs: HANG_MS },
  )
})

test('a model that nobody holds any more still answers who waits', async () => {
  const start = async () => {
    const { model } = await openModel(npu, { fps: { 1: 20 } })
    return model.infer(Array.from({ length: 6 }, () => colour(7)))
  }
  const waiting = start().then((answers) => answers.length)
  for (let round = 0; round < 10; round++) {
    await sleep(10)
    collectGarbage()
  }
  assert.is(await waiting, 6)
  await eventually(() => {
    collectGarbage()
    return free()
  }, deviceIsFree)
})

test('closing on a stalled chip rejects at once, does not hold up the event loop, and ends when the chip goes on', async () => {
  const opened = await openModel(npu, {}, { timeoutMs: 60_000 })
  await npu.fault({ fault: 'stall' })
  let stuck: Promise<string> = Promise.resolve('')
  try {
    await eventually(
      async () => {
        stuck = opened.model.infer([colour(1)]).then(
          () => 'answered',
          (error: unknown) => (error as { code: string }).code,
        )
        return (await Promise.race([stuck, sleep(1_000, 'silent')])) === 'silent'
      },
      { what: 'the chip stands still', everyMs: 1 },
    )
    let closed = false
    const closing = opened.vdevice.close().then(() => {
      closed = true
    })
    assert.is(await stuck, 'CLOSED')
    assert.is(await codeOf(opened.model.infer([colour(1)])), 'CLOSED')
    let turns = 0
    const timer = setInterval(() => turns++, 5)
    await eventually(() => turns > 20, { what: 'the event loop turns' })
    clearInterval(timer)
    assert.is(closed, false)
    await npu.heal()
    await closing
    await eventually(free, deviceIsFree)
  } finally {
    await npu.heal()
  }
})

test('a process ends with a model in any state, without a crash and without a word', async () => {
  const hef = await npu.hef('child', childNetwork)
  for (const state of ['idle', 'exitIdle', 'exitInFlight', 'exitAtWork', 'exitClosing', 'closed', 'unawaited']) {
    assert.equal(await exitOf(hef, state), { code: 0, signal: null, said: '' }, state)
    assert.ok(await free(), state)
  }
})

test('a process ends while its threads are stuck in the library', async () => {
  const hef = await npu.hef('child', childNetwork)
  for (const state of ['exitStuck', 'exitClosingStuck']) {
    try {
      assert.equal(await exitOf(hef, state), { code: 0, signal: null, said: '' }, state)
    } finally {
      await npu.heal()
    }
    await eventually(free, deviceIsFree)
  }
})

test('a worker thread ends with a model at work, and its device becomes free', async () => {
  const hef = await npu.hef('child', childNetwork)
  for (const state of ['idle', 'exitAtWork', 'unawaited', 'exitClosing']) {
    const worker = new Worker(CHILD, { workerData: [null, null, hef, state] })
    await once(worker, 'exit')
    await eventually(free, deviceIsFree)
  }
})

test('a worker thread that is terminated in the middle of inference takes nobody with it', async () => {
  const hef = await npu.hef('child', childNetwork)
  for (let round = 0; round < 5; round++) {
    const worker = new Worker(CHILD, { workerData: [null, null, hef, 'unawaited'] })
    await once(worker, 'online')
    await sleep(40 * round)
    await worker.terminate()
    await eventually(free, deviceIsFree)
  }
})

/** How a child ends in this state; the chip stalls when it asks for that. */
async function exitOf(hef: string, state: string): Promise<{ code: number | null; signal: string | null; said: string }> {
  const child = fork(CHILD, [hef, state], { silent: true, timeout: HANG_MS, killSignal: 'SIGKILL' })
  let said = ''
  child.stdout?.on('data', (text: Buffer) => (said += text.toString()))
  child.stderr?.on('data', (text: Buffer) => (said += text.toString()))
  child.once('message', () => {
    void npu.fault({ fault: 'stall' }).then(async () => {
      await sleep(100) // the simulator looks at its file every 20 ms
      child.send('stuck')
    })
  })
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
  return { code, signal, said }
}

test.run()

import { setTimeout as sleep } from 'node:timers/promises'
import type { Model } from 'hailort-node/hailort'
import { HailoError } from 'hailort-node/hailort-status'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { eventually } from '../support/eventually.ts'
import { codeOf, colour, NMS, openModel } from './opened-model.ts'
import { simulatedHere } from './simulator.ts'

const npu = await simulatedHere()

const LIMIT_MS = 20_000

/** The simulator looks at its file when it is used, but not again within 20 ms. */
async function heal(): Promise<void> {
  await npu.heal()
  await sleep(50)
}

/** Rejects with what is wrong with the chip, once it is: the simulator looks at its control file from time to time. */
async function inferForEver(model: Model): Promise<never> {
  const endMs = performance.now() + LIMIT_MS
  while (performance.now() < endMs) await model.infer([colour(1)])
  throw new Error('the fault did not show')
}

const test = suite('failures of the chip')

test('a corrupt answer fails everything under way and after: it is never nobody', async () => {
  await using opened = await openModel(npu, { fps: { 1: 200 } })
  await opened.model.infer([colour(1)])
  await npu.fault({ fault: 'corrupt' })
  try {
    assert.is(await codeOf(inferForEver(opened.model)), 'OUTPUT_CORRUPT')
    const codes = await Promise.all([1, 2, 3].map(() => codeOf(opened.model.infer([colour(2)]))))
    assert.equal(codes, ['OUTPUT_CORRUPT', 'OUTPUT_CORRUPT', 'OUTPUT_CORRUPT'])
  } finally {
    await heal()
  }
})

test('a corrupt answer of one of several outputs is found too', async () => {
  const tensor = { name: 'net/a', shape: { height: 1, width: 1, features: 4 }, type: 'uint8', quant: { zeroPoint: 0, scale: 1 } } as const
  await using opened = await openModel(npu, { outputs: [NMS, tensor] })
  await npu.fault({ fault: 'corrupt' })
  try {
    assert.is(await codeOf(inferForEver(opened.model)), 'OUTPUT_CORRUPT')
  } finally {
    await heal()
  }
})

test('one timeout fails all calls under way with one error, and every later one', async () => {
  await using opened = await openModel(npu, {}, { timeoutMs: 200 })
  await npu.fault({ fault: 'timeout', always: true })
  try {
    const first = inferForEver(opened.model).catch((error: unknown) => error)
    const others = Promise.all([1, 2, 3].map(() => inferForEver(opened.model).catch((error: unknown) => error)))
    const error = await first
    assert.instance(error, HailoError)
    const { code, status, call } = error as HailoError
    assert.equal({ code, status, call }, { code: 'HAILO_TIMEOUT', status: 4, call: 'hailo_vstream_read_raw_buffer' })
    for (const other of await others) assert.is((other as Error).message, (error as Error).message)
    assert.is(await codeOf(opened.model.infer([colour(1)])), 'HAILO_TIMEOUT')
    assert.is(await codeOf(opened.model.infer([])), 'HAILO_TIMEOUT')
  } finally {
    await heal()
  }
  await using again = await openAfter(opened)
  assert.is((await again.model.infer([colour(4)])).length, 1)
})

test('an answer that comes after its timeout is written into memory that is still there', async () => {
  const timeoutMs = 100
  await using opened = await openModel(npu, {}, { timeoutMs })
  await npu.fault({ fault: 'timeout', times: 1 })
  try {
    assert.is(await codeOf(inferForEver(opened.model)), 'HAILO_TIMEOUT')
    // The library still owns the buffer of the read: with the address sanitizer this ends the process if nobody else does.
    await sleep(5 * timeoutMs)
    assert.is(await codeOf(opened.model.infer([colour(1)])), 'HAILO_TIMEOUT')
  } finally {
    await heal()
  }
  await using again = await openAfter(opened)
  assert.is((await again.model.infer([colour(4)])).length, 1)
})

test('a model that is closed while an answer is late is closed, and a new one answers', async () => {
  const opened = await openModel(npu, {}, { timeoutMs: 100 })
  await npu.fault({ fault: 'timeout', times: 1 })
  try {
    assert.is(await codeOf(inferForEver(opened.model)), 'HAILO_TIMEOUT')
  } finally {
    await heal()
  }
  await using again = await openAfter(opened)
  for (let round = 0; round < 20; round++) assert.is((await again.model.infer([colour(round)])).length, 1)
})

test('a chip that takes nothing more fails the write, one that is lost says so', async () => {
  for (const [fault, code, timeoutMs] of [
    ['stall', 'HAILO_TIMEOUT', 150],
    ['lost', 'HAILO_DRIVER_OPERATION_FAILED', LIMIT_MS],
  ] as const) {
    const opened = await openModel(npu, {}, { timeoutMs, queueSize: 1 })
    await npu.fault({ fault })
    try {
      assert.is(await codeOf(inferForEver(opened.model)), code, fault)
    } finally {
      await heal()
    }
    await using again = await openAfter(opened)
    assert.is((await again.model.infer([colour(4)])).length, 1)
  }
})

test('the event loop does not stand still while the chip does', async () => {
  await using opened = await openModel(npu, {}, { timeoutMs: 1_000 })
  await npu.fault({ fault: 'timeout', times: 1 })
  try {
    let turns = 0
    const timer = setInterval(() => turns++, 5)
    assert.is(await codeOf(inferForEver(opened.model)), 'HAILO_TIMEOUT')
    clearInterval(timer)
    assert.ok(turns > 20, `${turns} turns`)
  } finally {
    await heal()
  }
})

/** Closes what has failed; the device is free again when that is done. */
async function openAfter(failed: AsyncDisposable): ReturnType<typeof openModel> {
  await failed[Symbol.asyncDispose]()
  // The simulator may still believe in the fault for a moment.
  return eventually(() => openModel(npu).catch(() => null), { what: 'the device opens again' })
}

test.run()

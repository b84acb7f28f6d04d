import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { openWriter } from 'hailort-node/ring'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { eventually } from '../support/eventually.ts'
import { i420Bytes, isWhole, ringCheck, temporaryRing } from './temporary-ring.ts'

const test = suite('lossless rings')

test('a slow reader gets every frame, in order and whole, and the end of the stream', async () => {
  using made = temporaryRing({ mode: 'lossless' })
  const { ring } = made
  const frames = 400
  const writer = spawn(ringCheck, ['lossless', made.path, String(frames)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const waits = text(writer.stdout)
  const exited = once(writer, 'exit')
  const target = new Uint8Array(i420Bytes(64, 32))
  const words = new Uint32Array(target.buffer)
  for (let seq = 1; seq <= frames; seq++) {
    await eventually(() => ring.head >= seq, { what: `frame ${seq} arrives`, everyMs: 1 })
    if (seq % 50 === 0) await sleep(5)
    assert.ok(ring.head - ring.released <= ring.geometry.slotCount)
    assert.is(ring.readFrame(seq, target)?.seq, seq)
    assert.ok(isWhole(words, seq))
    ring.release(seq)
  }
  await eventually(() => ring.head === frames + 1, { what: 'the end of the stream arrives' })
  assert.equal([ring.frameInfo(frames + 1)?.endOfStream, ring.frameInfo(frames + 1)?.sizeBytes], [true, 0])
  assert.equal(await exited, [0, null])
  assert.ok(Number(await waits) > 0, 'the writer had to wait')
})

test('a waiting writer wakes by the release, not by its own clock', async () => {
  using made = temporaryRing({ mode: 'lossless' })
  const { ring } = made
  const writer = spawn(ringCheck, ['lossless', made.path, '41'], { stdio: ['ignore', 'ignore', 'inherit'] })
  const exited = once(writer, 'exit')
  const delaysMs: number[] = []
  for (let seq = 5; seq <= 40; seq++) {
    await eventually(() => ring.head === seq - 1, { what: `the ring is full at frame ${seq - 1}`, everyMs: 1 })
    await sleep(2) // it waits by now
    const releasedMs = Number(process.hrtime.bigint()) / 1e6
    ring.release(seq - 4)
    const info = await eventually(() => ring.frameInfo(seq), { what: `frame ${seq} arrives`, everyMs: 1 })
    delaysMs.push(info.arrivedMs - releasedMs)
  }
  ring.release(40)
  assert.equal(await exited, [0, null])
  const median = delaysMs.sort((a, b) => a - b)[delaysMs.length >> 1] ?? Number.NaN
  process.stdout.write(`  wake-up by release: median ${median.toFixed(3)} ms\n`)
  assert.ok(median < 60, `${median} ms; its own clock would take up to 200`)
})

test('JavaScript is held up for 200 ms at most by a full ring', () => {
  using made = temporaryRing({ mode: 'lossless' })
  const writer = openWriter(made.ring)
  const frame = { width: 64, height: 32, ptsNs: 0 }
  for (let seq = 1; seq <= 4; seq++) assert.is(writer.write(new Uint8Array(3072), frame), seq)
  assert.is(writer.write(new Uint8Array(3072), frame), null)
  assert.is(writer.endOfStream(), null)
  made.ring.release(3)
  made.ring.release(1)
  assert.is(made.ring.released, 3, 'it never goes back')
  assert.is(writer.endOfStream(), 5)
  made.ring.release(1000)
  assert.is(made.ring.released, 5, 'nor beyond head')
})

test('a wait for room can be cancelled from another thread, and resumed', () => {
  using made = temporaryRing({ mode: 'lossless' })
  const { status, stderr } = spawnSync(ringCheck, ['cancel', made.path], { encoding: 'utf8', timeout: 20_000 })
  assert.is(status, 0, stderr)
})

test.run()

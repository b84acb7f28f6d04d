import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { JpegEncoder } from 'hailort-node/pixels'
import { createDoorbells, openDoorbells, openRing, openWriter, type Ring, waitOnDoorbell } from 'hailort-node/ring'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { eventually } from '../support/eventually.ts'
import { i420Bytes, ringCheck, temporaryRing } from './temporary-ring.ts'

const isMapped = (path: string) => readFileSync('/proc/self/maps', 'utf8').includes(path)
const descriptors = () => readdirSync('/proc/self/fd').length

const isClosed = (error: NodeJS.ErrnoException) => error.code === 'RING_CLOSED'

const test = suite('closing rings')

test('500 cycles of opening and closing leave no map and no descriptor', () => {
  using made = temporaryRing()
  made.ring.close()
  const doorbells = join(made.folder, 'doorbells')
  createDoorbells(doorbells, 4)
  const before = descriptors()
  for (let cycle = 0; cycle < 500; cycle++) {
    const bells = openDoorbells(doorbells)
    const ring = openRing(made.path)
    ring.useDoorbells(bells)
    const writer = openWriter(ring)
    writer.write(new Uint8Array(3072), { width: 64, height: 32, ptsNs: 0 })
    assert.is(typeof ring.handle, 'object')
    ring.close()
    writer.close()
    bells.close()
  }
  assert.not(isMapped(made.folder))
  assert.is(descriptors(), before)
  assert.throws(() => made.ring.generation)
})

test('everything throws after close, but for path and close', () => {
  using made = temporaryRing()
  const { ring } = made
  const keptHandle = ring.handle
  ring.close()
  ring.close()
  assert.is(ring.path, made.path)
  const none = { detections: [], inferenceUs: 0, predicted: false, cpuFallback: false, simulated: false }
  const uses: Record<string, (closed: Ring) => unknown> = {
    head: (closed) => closed.head,
    resultHead: (closed) => closed.resultHead,
    released: (closed) => closed.released,
    generation: (closed) => closed.generation,
    writerPid: (closed) => closed.writerPid,
    resultsLost: (closed) => closed.resultsLost,
    handle: (closed) => closed.handle,
    geometry: (closed) => closed.geometry,
    frameInfo: (closed) => closed.frameInfo(1),
    readFrame: (closed) => closed.readFrame(1, new Uint8Array(3072)),
    readResults: (closed) => closed.readResults(1),
    writeResults: (closed) => closed.writeResults(1, none),
    takeResults: (closed) => closed.takeResults(),
    setReleaser: (closed) => closed.setReleaser('engine'),
    release: (closed) => closed.release(1),
    setDoorbells: (closed) => closed.setDoorbells(0, 0),
    openWriter: (closed) => openWriter(closed),
  }
  for (const [name, use] of Object.entries(uses)) {
    assert.throws(() => use(ring), isClosed, name)
  }
  assert.is(typeof keptHandle, 'object', 'a handle kept by somebody is empty, not dangling')
})

test('a native user keeps the mapping until it is done', () => {
  using made = temporaryRing()
  const writer = openWriter(made.ring)
  made.ring.close()
  assert.ok(isMapped(made.path))
  assert.is(writer.write(new Uint8Array(3072), { width: 64, height: 32, ptsNs: 0 }), 1)
  writer.close()
  writer.close()
  assert.not(isMapped(made.path))
  assert.throws(() => writer.write(new Uint8Array(3072), { width: 64, height: 32, ptsNs: 0 }), isClosed)
  assert.throws(() => writer.endOfStream(), isClosed)
})

test('native threads go on reading while the ring is let go', () => {
  using made = temporaryRing()
  const { status, stderr } = spawnSync(ringCheck, ['share', made.path], { encoding: 'utf8', timeout: 20_000 })
  assert.is(status, 0, stderr)
})

test('another addon holds the mapping for as long as it works on it, and takes no other handle', async () => {
  const width = 640
  const height = 480
  using made = temporaryRing({ maxWidth: width, maxHeight: height })
  const writer = openWriter(made.ring)
  writer.write(new Uint8Array(i420Bytes(width, height)).fill(128), { width, height, ptsNs: 0 })
  writer.close()
  const { handle } = made.ring
  const options = { overlay: false, width: null, quality: 90 }
  const encoder = new JpegEncoder(1)
  const inFlight = Array.from({ length: 8 }, () => encoder.encode(handle, 1, options))
  made.ring.close()
  for (const encoded of await Promise.all(inFlight)) assert.is(encoded?.info.seq, 1)
  await eventually(() => !isMapped(made.path), { what: 'the mapping is gone with its last user' })
  const refused = async (other: unknown) => {
    await encoder.encode(other as never, 1, options)
  }
  for (const other of [handle, made.ring, {}, null, 7]) {
    const error = await refused(other).catch((error: unknown) => error)
    assert.instance(error, Error)
    assert.is(isClosed(error as Error), other === handle)
  }
  encoder.close()
})

test('closed doorbells say so', () => {
  using made = temporaryRing()
  const bells = openDoorbellsOf(made.folder)
  bells.close()
  bells.close()
  assert.throws(() => bells.count, isClosed)
  assert.throws(() => bells.ring(0), isClosed)
  assert.throws(() => waitOnDoorbell(bells, 0, () => undefined), isClosed)
  assert.throws(() => made.ring.useDoorbells(bells), isClosed)
})

test('objects that are not ours are refused', () => {
  using made = temporaryRing()
  const wrong = (value: unknown) => value as never
  const others: unknown[] = [undefined, null, 1, 'ring', {}, made.ring.handle, new Uint8Array(8), Object.create(made.ring)]
  for (const other of others) {
    assert.throws(() => openWriter(wrong(other)), TypeError)
    assert.throws(() => made.ring.useDoorbells(wrong(other)), TypeError)
    assert.throws(() => waitOnDoorbell(wrong(other), 0, () => undefined), TypeError)
  }
  assert.throws(() => openWriter(wrong(openDoorbellsOf(made.folder))), TypeError)
  assert.throws(() => made.ring.readFrame(-1, new Uint8Array(1)), TypeError)
  assert.throws(() => made.ring.readFrame(1, wrong(new Float32Array(3072))), TypeError)
  assert.throws(() => made.ring.writeResults(1, wrong({ detections: [{ x1: 'left' }] })), TypeError)
  assert.throws(() => made.ring.setReleaser(wrong('viewer')), TypeError)
  openWriter(made.ring).write(new Uint8Array(3072), { width: 64, height: 32, ptsNs: 0 })
  assert.throws(() => made.ring.readFrame(1, new Uint8Array(3071)), RangeError)
})

function openDoorbellsOf(folder: string) {
  createDoorbells(join(folder, 'doorbells'), 1)
  return openDoorbells(join(folder, 'doorbells'))
}

test.run()

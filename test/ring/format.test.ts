import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createRing, type Detection, openRing, openWriter } from 'hailort-node/ring'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ringBytes } from '../../agent/ring/layout.ts'
import { i420Bytes, temporaryFolder, temporaryRing } from './temporary-ring.ts'

interface PythonFrame {
  seq: number
  ptsNs: number
  arrivedNs: number
  width: number
  height: number
  format: string
  bytes: number
  flags: number
  generation: number
  sha256: string
  results: { inferenceUs: number; flags: number; detections: number[][] } | null
}

interface PythonRing {
  size: number
  header: Record<string, number | string>
  frames: PythonFrame[]
}

/** What a reader written in Python, from the description of the format alone, makes of the file. */
function readInPython(path: string): PythonRing {
  const reader = fileURLToPath(new URL('../../../test/support/ring_reader.py', import.meta.url))
  return JSON.parse(execFileSync('python3', [reader, path], { encoding: 'utf8' })) as PythonRing
}

function someDetections(count: number): Detection[] {
  return Array.from({ length: count }, (_, index) => ({
    x1: Math.fround(index / 1000),
    y1: Math.fround(0.1),
    x2: Math.fround(0.3 + index / 1000),
    y2: 1,
    score: Math.fround(1 - index / 200),
    classId: index % 3,
    trackId: index % 2 === 0 ? -1 : 1000 + index,
  }))
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const test = suite('ring format')

for (const [width, height, mode] of [
  [640, 480, 'live'],
  [426, 240, 'live'],
  [854, 480, 'lossless'],
] as const) {
  test(`a reader in Python and ours agree bit for bit at ${width}x${height}`, () => {
    using made = temporaryRing({ slotCount: 6, maxWidth: width, maxHeight: height, mode })
    const { ring, path } = made
    ring.setDoorbells(3, 7)
    ring.setReleaser('render')
    openWriter(ring).close()
    const writer = openWriter(ring)
    const full = randomBytes(i420Bytes(width, height))
    const small = randomBytes(i420Bytes(width / 2 - ((width / 2) % 2), 120))
    for (let seq = 1; seq <= 4; seq++) writer.write(full, { width, height, ptsNs: seq * 40_000_000 })
    ring.release(2)
    assert.is(writer.write(small, { width: width / 2 - ((width / 2) % 2), height: 120, ptsNs: -1, discontinuity: true }), 5)
    assert.is(writer.endOfStream(), 6)
    assert.is(ring.takeResults(), 1)
    const detections = someDetections(9)
    assert.ok(ring.writeResults(4, { detections, inferenceUs: 31_000, predicted: true, cpuFallback: false, simulated: true }))
    assert.ok(ring.writeResults(5, { detections: [], inferenceUs: 1, predicted: false, cpuFallback: true, simulated: false }))

    const seen = readInPython(path)
    assert.is(seen.size, ringBytes(ring.geometry))
    assert.is(seen.size, statSync(path).size)
    const { headNs, slotStride, ...header } = seen.header
    assert.ok(Number(headNs) > 0 && Number(slotStride) % 4096 === 0)
    assert.equal(header, {
      version: 1,
      slotCount: 6,
      slotsOffset: 4096,
      maxFrameBytes: i420Bytes(width, height),
      maxWidth: width,
      maxHeight: height,
      format: 'I420',
      generation: 2,
      writerPid: process.pid,
      mode: mode === 'live' ? 0 : 1,
      head: 6,
      resultHead: 5,
      resultsLost: 0,
      resultOwnerPid: process.pid,
      resultEpoch: 1,
      released: 2,
      releasedWake: 1,
      releaser: 2,
      frameBell: 3,
      resultBell: 7,
    })

    assert.equal(
      seen.frames.map(({ seq }) => seq),
      [1, 2, 3, 4, 5, 6],
    )
    const pixels = new Uint8Array(i420Bytes(width, height))
    for (const frame of seen.frames) {
      const ours = ring.readFrame(frame.seq, pixels)
      assert.is(frame.sha256, sha256(pixels.subarray(0, frame.bytes)))
      assert.is(frame.sha256, sha256(frame.seq === 6 ? new Uint8Array() : frame.seq === 5 ? small : full))
      assert.equal(ours, {
        seq: frame.seq,
        ptsNs: frame.ptsNs,
        arrivedMs: frame.arrivedNs / 1e6,
        width: frame.width,
        height: frame.height,
        format: frame.format,
        sizeBytes: frame.bytes,
        discontinuity: (frame.flags & 1) !== 0,
        endOfStream: (frame.flags & 2) !== 0,
        generation: frame.generation,
      })
      assert.equal(ring.frameInfo(frame.seq), ours)
    }
    assert.equal(
      seen.frames.map(({ results }) => results),
      [
        null,
        null,
        null,
        { inferenceUs: 31_000, flags: 5, detections: detections.map((d) => [d.x1, d.y1, d.x2, d.y2, d.score, d.classId, d.trackId, 0]) },
        { inferenceUs: 1, flags: 2, detections: [] },
        null,
      ],
    )
    assert.equal(ring.readResults(4), { detections, inferenceUs: 31_000, predicted: true, cpuFallback: false, simulated: true })
  })
}

test('keeps the 128 best detections, in their order', () => {
  using made = temporaryRing()
  const writer = openWriter(made.ring)
  writer.write(new Uint8Array(3072), { width: 64, height: 32, ptsNs: 0 })
  const detections = someDetections(140)
  const worstFirst = [...detections].reverse()
  made.ring.writeResults(1, { detections: worstFirst, inferenceUs: 0, predicted: false, cpuFallback: false, simulated: false })
  assert.equal(made.ring.readResults(1)?.detections, worstFirst.slice(12))
})

test('a result block counts only for the frame it is of', () => {
  using made = temporaryRing()
  const { ring } = made
  const none = { detections: [], inferenceUs: 0, predicted: false, cpuFallback: false, simulated: false }
  const writer = openWriter(ring)
  for (let seq = 1; seq <= 5; seq++) writer.write(new Uint8Array(3072), { width: 64, height: 32, ptsNs: 0 })
  assert.not(ring.writeResults(1, none), 'slot 1 holds frame 5 by now')
  assert.not(ring.writeResults(6, none), 'frame 6 is not there yet')
  assert.is(ring.resultsLost, 2)
  assert.is(ring.resultHead, 0)
  assert.ok(ring.writeResults(5, none))
  assert.ok(ring.writeResults(3, none))
  assert.is(ring.resultHead, 5, 'it only goes forward')
  assert.is(ring.readResults(4), null)
  writer.write(new Uint8Array(3072), { width: 64, height: 32, ptsNs: 0 })
  for (let seq = 7; seq <= 9; seq++) writer.write(new Uint8Array(3072), { width: 64, height: 32, ptsNs: 0 })
  assert.is(ring.readResults(5), null, 'its slot holds frame 9')
})

test('an engine that lost the ring to another one writes nothing', () => {
  using made = temporaryRing()
  const results = { detections: [], inferenceUs: 0, predicted: false, cpuFallback: false, simulated: false }
  const next = openRing(made.path)
  openWriter(made.ring).write(new Uint8Array(3072), { width: 64, height: 32, ptsNs: 0 })
  made.ring.takeResults()
  assert.is(next.takeResults(), 2)
  assert.not(made.ring.writeResults(1, results))
  assert.ok(next.writeResults(1, results))
  next.close()
})

test('two generations of writers are told apart', () => {
  using made = temporaryRing()
  const { ring } = made
  const pixels = new Uint8Array(3072)
  const first = openWriter(ring)
  first.write(pixels, { width: 64, height: 32, ptsNs: 0 })
  first.close()
  assert.is(ring.writerPid, 0)
  const second = openWriter(ring)
  assert.is(ring.writerPid, process.pid)
  assert.is(second.write(pixels, { width: 64, height: 32, ptsNs: 0 }), 2, 'sequence numbers go on')
  assert.equal(
    [1, 2].map((seq) => ring.frameInfo(seq)?.generation),
    [1, 2],
  )
  assert.is(ring.generation, 2)
})

test('a file that is not a sound ring is refused with a code', () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'bad.1.ring')
  createRing(path, { slotCount: 4, maxWidth: 64, maxHeight: 32, format: 'I420', mode: 'live' })
  const good = readFileSync(path)
  assert.is(statSync(path).mode & 0o777, 0o600)

  const damaged = (offset: number, value: number) => {
    const bytes = Buffer.from(good)
    bytes.writeUInt32LE(value >>> 0, offset)
    return bytes
  }
  const bad: Record<string, Buffer> = {
    empty: Buffer.alloc(0),
    'shorter than a header': good.subarray(0, 100),
    garbage: randomBytes(good.length),
    truncated: good.subarray(0, good.length - 4096),
    longer: Buffer.concat([good, Buffer.alloc(4096)]),
    'wrong magic': damaged(0, 0),
    'another version': damaged(8, 2),
    'no slots': damaged(12, 0),
    'too many slots': damaged(12, 65),
    'another number of slots': damaged(12, 5),
    'a stride of nothing': damaged(16, 0),
    'an odd stride': damaged(16, good.readUInt32LE(16) + 8),
    'a huge stride': damaged(16, 0xfffff000),
    'slots elsewhere': damaged(20, 8192),
    'more frame bytes than room': damaged(24, 0xffffffff),
    'unknown format': damaged(28, 0x32595559),
    'odd width': damaged(32, 63),
    'huge height': damaged(36, 0xfffffffe),
    'unknown mode': damaged(48, 2),
  }
  for (const [what, bytes] of Object.entries(bad)) {
    writeFileSync(path, bytes)
    assert.throws(
      () => openRing(path),
      (error: NodeJS.ErrnoException) => error.code === 'RING_FORMAT',
      what,
    )
  }
  writeFileSync(path, good)
  openRing(path).close()
  assert.throws(
    () => openRing(join(folder.path, 'none')),
    (error: NodeJS.ErrnoException) => error.code === 'RING_MISSING',
  )
  assert.throws(
    () => openRing(folder.path),
    (error: NodeJS.ErrnoException) => error.code === 'RING_IO' || error.code === 'RING_FORMAT',
  )
})

test('a ring is never made over a file that is there', () => {
  using made = temporaryRing()
  const before = readFileSync(made.path)
  assert.throws(
    () => createRing(made.path, { slotCount: 4, maxWidth: 640, maxHeight: 480, format: 'I420', mode: 'live' }),
    (error: NodeJS.ErrnoException) => error.code === 'RING_EXISTS',
  )
  assert.equal(readFileSync(made.path), before)
})

test('impossible geometries and frames are refused', () => {
  using made = temporaryRing({ maxWidth: 64, maxHeight: 32 })
  const refused = (error: NodeJS.ErrnoException) => error.code === 'RING_FORMAT'
  const geometry = { slotCount: 4, maxWidth: 64, maxHeight: 32, format: 'I420', mode: 'live' } as const
  for (const wrong of [{ slotCount: 3 }, { slotCount: 65 }, { maxWidth: 63 }, { maxHeight: 0 }, { maxWidth: 20_000 }]) {
    assert.throws(() => createRing(join(made.folder, 'x'), { ...geometry, ...wrong }), refused)
  }
  const writer = openWriter(made.ring)
  const frame = { width: 64, height: 32, ptsNs: 0 }
  assert.throws(() => writer.write(new Uint8Array(3071), frame), refused)
  assert.throws(() => writer.write(new Uint8Array(3073), frame), refused)
  assert.throws(() => writer.write(new Uint8Array(0), frame), refused)
  assert.throws(() => writer.write(new Uint8Array(i420Bytes(128, 32)), { ...frame, width: 128 }), refused)
  assert.throws(() => writer.write(new Uint8Array(3072), { ...frame, width: 1.5 }), TypeError)
  assert.is(made.ring.head, 0)
})

test('a slot that lies about its size leads no reader outside', () => {
  using made = temporaryRing()
  openWriter(made.ring).write(new Uint8Array(3072), { width: 64, height: 32, ptsNs: 0 })
  const file = readFileSync(made.path)
  file.writeUInt32LE(0x7fffffff, 4096 + 44)
  writeFileSync(made.path, file)
  assert.is(made.ring.readFrame(1, new Uint8Array(3072)), null)
  file.writeUInt32LE(3072, 4096 + 44)
  file.writeUInt32LE(4096, 4096 + 32)
  writeFileSync(made.path, file)
  assert.is(made.ring.frameInfo(1), null)
  truncateSync(made.path, file.length)
})

test.run()

import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { JpegEncoder } from 'hailort-node/pixels'
import type { RingHandle } from 'hailort-node/ring'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { eventually } from '../support/eventually.ts'
import { openHandCamera, person } from '../support/mjpeg-camera.ts'
import { decodeJpeg, jpegSize } from '../support/mjpeg-decode.ts'
import { middleRgb } from './decode-rgb.ts'

const test = suite('jpeg encoder')
const full = { overlay: true, width: null, quality: 90 }

/** An encoder that is closed when the test ends. */
function open(threads: 1 | 2 = 1): JpegEncoder & Disposable {
  const encoder = new JpegEncoder(threads)
  return Object.assign(encoder, { [Symbol.dispose]: () => encoder.close() })
}

test('draws the boxes of the frame itself, and only where they are', async () => {
  await using camera = await openHandCamera()
  using encoder = open()
  const seq = camera.frame(40, [person(0.25, 0.25, 0.5, 0.75, -1)])
  const encoded = await encoder.encode(camera.ring.handle, seq, full)
  assert.ok(encoded)
  assert.is(encoded.people, 1)
  assert.is(encoded.info.seq, seq)
  const picture = await decodeJpeg(encoded.jpeg)
  assert.equal([picture.width, picture.height], [320, 240])
  for (const [x, y] of [
    [0.252, 0.5],
    [0.495, 0.5],
    [0.4, 0.253],
    [0.4, 0.745],
  ] as const) {
    assert.ok(picture.luma(x, y) > 150, `the outline at ${x}, ${y} is drawn`)
  }
  for (const [x, y] of [
    [0.1, 0.5],
    [0.38, 0.5],
    [0.8, 0.5],
    [0.4, 0.1],
  ] as const) {
    assert.ok(Math.abs(picture.luma(x, y) - 40) < 25, `the picture at ${x}, ${y} is left alone`)
  }
})

test('leaves the picture alone without overlay', async () => {
  await using camera = await openHandCamera()
  using encoder = open()
  const plain = camera.frame(90, null)
  const boxed = camera.frame(90, [person(0.1, 0.1, 0.9, 0.9)])
  const options = { ...full, overlay: false }
  const [one, two] = await Promise.all([plain, boxed].map((seq) => encoder.encode(camera.ring.handle, seq, options)))
  assert.ok(one && two)
  assert.ok(one.jpeg.equals(two.jpeg))
  assert.equal([one.people, two.people], [0, 1])
})

test('scales down to an even size of the same shape, and never up', async () => {
  await using camera = await openHandCamera({ width: 854, height: 480 })
  using encoder = open()
  const seq = camera.frame(90, [person(0.1, 0.1, 0.9, 0.9)])
  const sizes: Record<string, number> = {}
  for (const width of [321, 854, 1_000]) {
    const encoded = await encoder.encode(camera.ring.handle, seq, { ...full, width })
    assert.ok(encoded)
    const size = jpegSize(encoded.jpeg)
    sizes[width] = size.width * 10_000 + size.height
  }
  assert.equal(sizes, { 321: 3_200_180, 854: 8_540_480, 1000: 8_540_480 })
})

for (const [name, format, level, expected] of [
  ['black', 'I420', 16, 0],
  ['white', 'I420', 235, 255],
  ['what is darker than black', 'I420', 0, 0],
  ['black', 'RGB3', 0, 0],
  ['white', 'RGB3', 255, 255],
] as const) {
  test(`shows ${name} of a ring of ${format} as it is`, async () => {
    await using camera = await openHandCamera({ format })
    using encoder = open()
    for (const width of [null, 160]) {
      const encoded = await encoder.encode(camera.ring.handle, camera.frame(level, null), { ...full, width })
      assert.ok(encoded)
      const rgb = await middleRgb(encoded.jpeg, jpegSize(encoded.jpeg))
      assert.ok(
        rgb.every((value) => Math.abs(value - expected) <= 2),
        `${rgb.join(', ')} at width ${width ?? 'as it is'}`,
      )
    }
  })
}

test('takes rings of RGB pixels', async () => {
  await using camera = await openHandCamera({ format: 'RGB3' })
  using encoder = open()
  const encoded = await encoder.encode(camera.ring.handle, camera.frame(200, []), { ...full, width: 160 })
  assert.ok(encoded)
  const picture = await decodeJpeg(encoded.jpeg)
  assert.equal([picture.width, picture.height], [160, 120])
  assert.ok(Math.abs(picture.luma(0.5, 0.5) - 200) < 5)
})

test('survives boxes that are no boxes', async () => {
  await using camera = await openHandCamera()
  using encoder = open()
  const odd = [
    person(Number.NaN, 0, 1, 1),
    person(-1e30, -1e30, 1e30, 1e30),
    person(0.9, 0.9, 0.1, 0.1),
    person(0.5, 0.5, 0.5, 0.5),
    person(0.99, 0.99, 5, 5, 2_147_483_647),
    person(Number.NEGATIVE_INFINITY, 0, Number.POSITIVE_INFINITY, 1),
  ]
  const encoded = await encoder.encode(camera.ring.handle, camera.frame(60, odd), full)
  assert.ok(encoded)
  assert.equal(jpegSize(encoded.jpeg), { width: 320, height: 240 })
})

test('answers null for a frame that is overwritten or not there yet', async () => {
  await using camera = await openHandCamera({ slotCount: 4 })
  using encoder = open()
  const first = camera.frame(60, [])
  for (let i = 0; i < 4; i += 1) camera.frame(60, [])
  assert.is(await encoder.encode(camera.ring.handle, first, full), null)
  assert.is(await encoder.encode(camera.ring.handle, 1_000, full), null)
})

test('settles what waits with null when it is closed, and refuses new work', async () => {
  await using camera = await openHandCamera()
  using encoder = open(2)
  const seq = camera.frame(60, [])
  const waiting = Array.from({ length: 80 }, () => encoder.encode(camera.ring.handle, seq, full))
  encoder.close()
  encoder.close()
  const settled = await Promise.all(waiting)
  assert.ok(settled.includes(null))
  const refusal = await encoder.encode(camera.ring.handle, seq, full).catch((error: unknown) => error)
  assert.instance(refusal, Error)
})

test('closes at once, however much its threads have to do', async () => {
  await using camera = await openHandCamera({ width: 2_560, height: 2_560, slotCount: 4 })
  const seq = camera.noise()
  const shares: number[] = []
  // On a busy machine this thread may be the one that waits.
  while (shares.length < 10 && !shares.some((share) => share < 0.25)) {
    const encoder = new JpegEncoder(1)
    const alone = performance.now()
    await encoder.encode(camera.ring.handle, seq, { ...full, quality: 100 })
    const oneFrameMs = performance.now() - alone
    const waiting = encoder.encode(camera.ring.handle, seq, { ...full, quality: 100 })
    await sleep(oneFrameMs / 4)
    const before = performance.now()
    encoder.close()
    shares.push((performance.now() - before) / oneFrameMs)
    // Settled by close(), unless a busy machine let the frame be finished first.
    await waiting
  }
  assert.ok(Math.min(...shares) < 0.25, `close() does not wait for the frame: ${shares.join()} of its time`)
  // What was retired does not hinder the next one.
  using next = open()
  assert.ok(await next.encode(camera.ring.handle, camera.frame(60, null), { ...full, width: 64 }))
})

test('is closed by a getter of its own options without harm', async () => {
  await using camera = await openHandCamera()
  using encoder = open()
  const seq = camera.frame(60, null)
  const options = {
    ...full,
    get quality() {
      encoder.close()
      return 90
    },
  }
  const refusal = await encoder.encode(camera.ring.handle, seq, options).catch((error: unknown) => error)
  assert.match(String(refusal), /closed/)
})

for (const [what, lacks] of [
  ['no thread can be started', 'threads'],
  ['there is no memory for a picture', 'pictures'],
] as const) {
  test(`says so when ${what}, and goes on`, () => {
    // The address sanitizer itself dies without address space.
    if (process.env['HEADCOUNT_NATIVE_BUILD'] === 'Debug') return
    const child = fileURLToPath(new URL('no-memory-child.js', import.meta.url))
    const { status, stderr, stdout } = spawnSync(process.execPath, [child, lacks], { encoding: 'utf8', timeout: 30_000 })
    assert.is(status, 0, stderr)
    assert.is(stdout, 'JPEG_FAILED, then a picture')
  })
}

test('refuses what is not a ring, and impossible sizes', async () => {
  await using camera = await openHandCamera()
  using encoder = open()
  const seq = camera.frame(60, [])
  assert.throws(() => void encoder.encode({} as RingHandle, 1, full), 'handle')
  assert.throws(() => void encoder.encode(camera.ring.handle, seq, { ...full, quality: 0 }), 'quality')
  assert.throws(() => void encoder.encode(camera.ring.handle, seq, { ...full, width: 1e9 }), 'width')
  const { handle } = camera.ring
  camera.ring.close()
  assert.throws(() => void encoder.encode(handle, seq, full), 'closed')
})

test('works on threads of the lowest priority', async () => {
  await using camera = await openHandCamera()
  using encoder = open(2)
  await encoder.encode(camera.ring.handle, camera.frame(60, []), full)
  // Fields 19 and 41 of a thread's stat are its nice value and its policy (5: SCHED_IDLE, sched.h); the name ends with the last ")".
  const priorities = () =>
    readdirSync('/proc/self/task')
      .map((thread) => readFileSync(`/proc/self/task/${thread}/stat`, 'utf8'))
      .filter((stat) => stat.includes('(jpeg)'))
      .map((stat) => stat.slice(stat.lastIndexOf(')') + 2).split(' '))
      .map((fields) => `${fields[16]} ${fields[38]}`)
  // Each thread lowers itself when it first runs; only one of them had anything to do so far.
  await eventually(() => priorities().length >= 2 && priorities().every((priority) => priority === '19 5'), {
    what: 'all threads are of the lowest priority',
  })
})

test('lets a process end that still encodes', () => {
  const child = spawnSync(process.execPath, [fileURLToPath(new URL('busy-exit-child.js', import.meta.url))], { timeout: 30_000 })
  assert.is(child.signal, null)
  assert.is(child.status, 0, child.stderr.toString())
})

test.run()

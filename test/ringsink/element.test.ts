import { readFileSync } from 'node:fs'
import { createDoorbells, createRing, openRing, type PixelFormat } from 'hailort-node/ring'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { TempFolder } from '../capture/capture-run.ts'
import { play } from './play.ts'

const test = suite('hcringsink and hcfit')

const FRAMES = 5

interface Wanted {
  readonly launch: string
  readonly width?: number
  readonly height?: number
  readonly format?: PixelFormat
  readonly masks?: [number, number][][]
}

/** The last frame that a launch text without its sink leaves in a ring, and what the ring says of it. */
async function lastFrame({ launch, width = 1_280, height = 720, format = 'I420', masks = [] }: Wanted) {
  using folder = new TempFolder()
  const target = { ringPath: folder.file('ring'), doorbellsPath: folder.file('doorbells'), masks }
  createRing(target.ringPath, { slotCount: 8, maxWidth: width, maxHeight: height, format, mode: 'live' })
  createDoorbells(target.doorbellsPath, 2)
  const outcome = await play(`${launch} ! hcringsink`, target)
  const ring = openRing(target.ringPath)
  try {
    const pixels = new Uint8Array(width * height * 3)
    const info = ring.head === 0 ? null : ring.readFrame(ring.head, pixels)
    return { outcome, head: ring.head, writerPid: ring.writerPid, info, pixels: pixels.subarray(0, info?.sizeBytes ?? 0) }
  } finally {
    ring.close()
  }
}

/** The last frame of the same pipeline as GStreamer itself writes it, its padding taken out. */
async function reference(launch: string, { width, height }: { width: number; height: number }): Promise<Uint8Array> {
  using folder = new TempFolder()
  const path = folder.file('raw')
  const { error } = await play(`${launch} ! filesink location=${path}`)
  assert.is(error, null)
  const four = (bytes: number) => (bytes + 3) & ~3
  const planes = [0, 1, 1].map((half) => ({ width: width >> half, rows: height >> half, stride: four(half ? four(width) / 2 : width) }))
  const file = readFileSync(path)
  const frameBytes = planes.reduce((sum, { stride, rows }) => sum + stride * rows, 0)
  assert.is(file.length, frameBytes * FRAMES)
  let at = frameBytes * (FRAMES - 1)
  const rows = planes.flatMap((plane) =>
    Array.from({ length: plane.rows }, () => {
      at += plane.stride
      return file.subarray(at - plane.stride, at - plane.stride + plane.width)
    }),
  )
  return Buffer.concat(rows)
}

const picture = (size: string) => `videotestsrc num-buffers=${FRAMES} pattern=ball ! video/x-raw,format=I420,${size},framerate=25/1`

for (const [width, height] of [
  [426, 240],
  [854, 480],
  [640, 480],
] as const) {
  test(`packs frames of ${width}x${height} tightly, bit for bit what GStreamer has`, async () => {
    const launch = picture(`width=${width},height=${height}`)
    const { info, pixels, head, outcome } = await lastFrame({ launch })
    assert.is(outcome.error, null)
    assert.is(head, FRAMES)
    assert.equal([info?.width, info?.height, info?.sizeBytes], [width, height, (width * height * 3) / 2])
    assert.is(info?.ptsNs, (FRAMES - 1) * 40_000_000)
    assert.ok(Buffer.compare(pixels, await reference(launch, { width, height })) === 0)
  })
}

const bars = `videotestsrc num-buffers=${FRAMES} pattern=smpte ! video/x-raw,format=RGB,width=320,height=240`
const FULL = 'colorimetry=1:4:0:0'

// From RGB each time: from one range of I420 to the other GStreamer does not convert at all.
for (const [title, launch] of [
  ['raw', `${bars} ! videoconvert ! video/x-raw,format=I420,${FULL}`],
  ['as the JPEG of a USB camera', `${bars} ! videoconvert ! video/x-raw,format=I420,${FULL} ! jpegenc quality=100 ! jpegdec`],
  ['of another layout', `${bars} ! videoconvert ! video/x-raw,format=NV12,${FULL}`],
] as const) {
  test(`has the range of video in the ring, whatever the source has: ${title}`, async () => {
    const { pixels, outcome } = await lastFrame({ launch: `${launch} ! hcfit` })
    assert.is(outcome.error, null)
    const expected = await reference(`${bars} ! videoconvert ! video/x-raw,format=I420,colorimetry=2:4:0:0`, { width: 320, height: 240 })
    assert.is(pixels.length, expected.length)
    // JPEG is not exact around the bars' edges, and there is noise in a corner; in the wrong range nearly all would be off.
    const off = pixels.filter((value, at) => Math.abs(value - (expected[at] ?? -99)) > 2).length
    assert.ok(off < pixels.length * 0.15, `${off} of ${pixels.length} samples are off`)
  })
}

test('hides masked parts of such a picture as black as of any other', async () => {
  const launch = `${bars.replace('smpte', 'white')} ! videoconvert ! video/x-raw,format=I420,${FULL}`
  const { pixels } = await lastFrame({
    launch,
    masks: [
      [
        [0, 0],
        [0.5, 0],
        [0.5, 1],
        [0, 1],
      ],
    ],
  })
  assert.equal([pixels[100], pixels[320 * 240 + 50], pixels[200]], [16, 128, 235])
})

test('takes RGB where the ring is RGB', async () => {
  const launch = `videotestsrc num-buffers=2 pattern=red ! video/x-raw,width=62,height=40 ! videoconvert`
  const { info, pixels } = await lastFrame({ launch, format: 'RGB3', width: 64, height: 64 })
  assert.equal([info?.format, info?.sizeBytes], ['RGB3', 62 * 40 * 3])
  assert.equal([...pixels.subarray(0, 3)], [255, 0, 0])
})

test('burns masks in black and leaves all other pixels as they were', async () => {
  const size = { width: 426, height: 240 }
  const launch = picture('width=426,height=240').replace('ball', 'white')
  const { pixels } = await lastFrame({
    launch,
    masks: [
      [
        [0.5, 0.25],
        [1, 0.25],
        [1, 0.75],
        [0.5, 0.75],
      ],
      [
        [0, 0],
        [0.1, 0],
        [0, 0.1],
      ],
    ],
  })
  const plain = await reference(launch, size)
  const luma = (x: number, y: number) => [pixels[y * 426 + x], plain[y * 426 + x]]
  const chroma = (plane: 0 | 1, x: number, y: number) => {
    const at = 426 * 240 + plane * 213 * 120 + y * 213 + x
    return [pixels[at], plain[at]]
  }
  const wrong: string[] = []
  for (let y = 0; y < 240; y++) {
    for (let x = 0; x < 426; x++) {
      const inside = (x >= 213 && y >= 60 && y < 180) || x / 42.6 + y / 24 < 1
      const [is, was] = luma(x, y)
      // On the slanting edge a pixel is hidden as soon as the mask touches it.
      if (is !== (inside ? 16 : was)) wrong.push(`${x},${y}`)
    }
  }
  assert.equal(wrong, [])
  assert.equal(chroma(0, 150, 60)[0], 128)
  assert.equal(chroma(1, 212, 89)[0], 128)
  assert.equal(chroma(0, 0, 0)[0], 128)
  assert.equal(...(chroma(0, 50, 60) as [number, number]))
  assert.equal(...(chroma(1, 150, 100) as [number, number]))
})

test('refuses odd sizes and frames larger than the ring with a text that says so', async () => {
  const odd = await lastFrame({ launch: picture('width=427,height=240') })
  assert.match(odd.outcome.error ?? '', /427x240.*even/)
  const large = await lastFrame({ launch: picture('width=640,height=480'), width: 320, height: 240 })
  assert.match(large.outcome.error ?? '', /640x480 are larger than the ring's maximum of 320x240/)
  assert.equal([odd.head, large.head], [0, 0])
})

test('leaves the ring without a writer when it stops', async () => {
  assert.is((await lastFrame({ launch: picture('width=64,height=64') })).writerPid, 0)
})

const fits: [string, string, { width: number; height: number }][] = [
  ['scales down to fit, aspect ratio kept, no bars', 'width=1280,height=720', { width: 640, height: 360 }],
  ['never scales up', 'width=160,height=120', { width: 160, height: 120 }],
  ['makes odd sides even', 'width=427,height=241', { width: 426, height: 240 }],
  ['fits an upright picture', 'width=720,height=1280', { width: 270, height: 480 }],
  ['makes wide pixels square', 'width=720,height=576,pixel-aspect-ratio=64/45', { width: 640, height: 360 }],
  ['makes narrow pixels square', 'width=320,height=240,pixel-aspect-ratio=1/2', { width: 160, height: 240 }],
]
for (const [title, size, expected] of fits) {
  test(`hcfit ${title}`, async () => {
    const { outcome } = await lastFrame({ launch: `${picture(size)} ! hcfit max-width=640 max-height=480`, width: 640, height: 480 })
    assert.is(outcome.error, null)
    assert.equal([outcome.format?.width, outcome.format?.height], [expected.width, expected.height])
  })
}

test('hcfit fits the whole picture: what is white stays white in all corners', async () => {
  const launch = `${picture('width=1280,height=720').replace('ball', 'white')} ! hcfit max-width=640 max-height=480`
  const { pixels } = await lastFrame({ launch, width: 640, height: 480 })
  const luma = pixels.subarray(0, 640 * 360)
  assert.is(Math.min(...luma.filter((_value, index) => index % 7 === 0)), luma[0])
  assert.ok((luma[0] ?? 0) > 230)
})

test('hcfit drops what is too many and nothing else', async () => {
  const frames = async (fps: number, most: number) => {
    const launch = `videotestsrc num-buffers=100 ! video/x-raw,width=64,height=64,framerate=${fps}/1 ! hcfit max-fps=${most}`
    return (await lastFrame({ launch })).head
  }
  assert.ok(Math.abs((await frames(50, 10)) - 20) <= 1)
  assert.ok(Math.abs((await frames(30, 25)) - 84) <= 1)
  assert.is(await frames(25, 30), 100)
  assert.is(await frames(30, 30), 100)
  assert.is(await frames(30, 0), 100)
})

test('follows a change of size in the middle of a stream', async () => {
  const parts = ['width=320,height=180', 'width=640,height=480'].map((size) => `${picture(size)} ! c.`)
  const { outcome, head, info } = await lastFrame({
    launch: `${parts.join(' ')} concat name=c ! hcfit max-width=320 max-height=240`,
    width: 320,
    height: 240,
  })
  assert.is(outcome.error, null)
  assert.equal([head, info?.width, info?.height], [2 * FRAMES, 320, 240])
})

test.run()

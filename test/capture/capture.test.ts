import { createHash } from 'node:crypto'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { captureEnv, childEnv, ensureRegistry } from '../../agent/capture/environment.ts'
import { probeSource } from '../../agent/capture/probe.ts'
import { parseSource } from '../../agent/capture/source.ts'
import { play } from '../ringsink/play.ts'
import { dataFile } from '../support/data.ts'
import { eventually } from '../support/eventually.ts'
import { CaptureRun, TempFolder } from './capture-run.ts'

const test = suite('capture')

const CLIP = { width: 768, height: 576, fps: 120 }
const LIMIT_MS = 60_000

/** A short clip of the test picture made by GStreamer: 20 frames a second. */
async function shortClip(path: string, { frames = 12, size = 'width=426,height=240', tail = 'avimux' } = {}): Promise<void> {
  const picture = `videotestsrc num-buffers=${frames} pattern=ball ! video/x-raw,format=I420,${size},framerate=20/1`
  const { error } = await play(`${picture} ! jpegenc ! ${tail} ! filesink name=sink location="${path}"`)
  assert.is(error, null)
}

test('the test picture lands in the ring at the size and the rate that were asked for', async () => {
  await using run = new CaptureRun(parseSource('test'), { order: { frame: { width: 320, height: 180, fps: 20 } } })
  await run.report('playing')
  await run.head(12)
  const first = run.ring.frameInfo(run.ring.head - 4)
  const last = run.ring.frameInfo(run.ring.head - 1)
  assert.ok(first && last)
  assert.equal([last.width, last.height, last.format, last.generation], [320, 180, 'I420', 1])
  assert.is(Math.round((last.ptsNs - first.ptsNs) / (last.seq - first.seq) / 1e6), 50)
  assert.is(run.ring.writerPid, run.child.pid)
})

test('a file whose name is full of traps is played, and nothing else happens', async () => {
  using folder = new TempFolder()
  const path = folder.file(`a" ! fakesink name=x 'b' \\ ! %s {c} #ä.avi`)
  await shortClip(folder.file('clip.avi'))
  renameSync(folder.file('clip.avi'), path)
  await using run = new CaptureRun(parseSource(`file:${path}`), { order: { pace: 'unthrottled' }, ring: { slotCount: 16 } })
  await run.report('ended')
  assert.is(run.ring.head, 13)
})

test('a file that does not loop ends with a slot of its own, told after it is written', async () => {
  const frames = 24
  using folder = new TempFolder()
  await shortClip(folder.file('clip.avi'), { frames })
  const startedMs = Number(process.hrtime.bigint()) / 1e6
  await using run = new CaptureRun(parseSource(`file:${folder.file('clip.avi')}`), { ring: { slotCount: 32 } })
  await run.report('ended')
  const all = Array.from({ length: frames }, (_none, index) => run.ring.frameInfo(index + 1))
  const end = run.ring.frameInfo(frames + 1)
  assert.is(run.ring.head, frames + 1)
  assert.ok(all.every((info, index) => info?.ptsNs === index * 50_000_000 && !info.endOfStream))
  assert.equal([end?.ptsNs, end?.endOfStream, end?.sizeBytes], [-1, true, 0])
  assert.equal([all[0]?.width, all[0]?.height, all[0]?.sizeBytes], [426, 240, 153_360])
  // At its own pace: the last frame cannot be there before its time.
  assert.ok((all.at(-1)?.arrivedMs ?? 0) - startedMs >= (frames - 1) * 50)
})

test('a looping file goes on: seq runs on, the first frame of each round is a discontinuity, no end is written', async () => {
  using folder = new TempFolder()
  await shortClip(folder.file('clip.avi'))
  const ring = { slotCount: 64 }
  await using run = new CaptureRun(parseSource(`file:${folder.file('clip.avi')}`), { ring, order: { loop: true } })
  const all: ReturnType<typeof run.ring.frameInfo>[] = []
  // As they come: a slot is written again 64 frames later.
  const takes = () => {
    while (all.length < Math.min(40, run.ring.head)) all.push(run.ring.frameInfo(all.length + 1))
    return all.length === 40
  }
  await eventually(takes, { what: '40 frames come', withinMs: 60_000 })
  assert.equal(
    all.flatMap((info, index) => (info?.discontinuity ? [index] : [])),
    [12, 24, 36],
  )
  assert.ok(all.every((info, index) => info?.endOfStream === false && info.ptsNs === (index % 12) * 50_000_000))
})

test('a clip in H.264 with sound is played, turned as asked', async () => {
  using folder = new TempFolder()
  const path = folder.file('clip.mp4')
  const sound = 'audiotestsrc num-buffers=20 ! vorbisenc ! m.'
  const { error } = await play(
    `videotestsrc num-buffers=10 ! video/x-raw,width=854,height=480,framerate=20/1 ! x264enc speed-preset=ultrafast ! m. ${sound} matroskamux name=m ! filesink location=${path}`,
  )
  assert.is(error, null)
  const order = { rotate: 90, pace: 'unthrottled', frame: { width: 640, height: 640, fps: 30 } } as const
  await using run = new CaptureRun(parseSource(`file:${path}`), { order, ring: { slotCount: 16 } })
  await run.report('ended')
  const info = run.ring.frameInfo(1)
  assert.equal([run.ring.head, info?.width, info?.height], [11, 360, 640])
})

test('a film that a phone took on its side stands upright', async () => {
  using folder = new TempFolder()
  const path = folder.file('phone.mp4')
  const picture = 'videotestsrc num-buffers=10 ! video/x-raw,width=640,height=360,framerate=20/1'
  assert.is((await play(`${picture} ! x264enc speed-preset=ultrafast ! mp4mux ! filesink location=${path}`)).error, null)
  const film = readFileSync(path)
  // ISO 14496-12, track header: the matrix of a quarter turn clockwise, 16.16 and 2.30 fixed point.
  const matrix = film.indexOf('tkhd') + 44
  for (const [index, value] of [0, 0x10000, 0, -0x10000, 0, 0, 360 << 16, 0, 0x40000000].entries())
    film.writeInt32BE(value, matrix + index * 4)
  writeFileSync(path, film)
  await using run = new CaptureRun(parseSource(`file:${path}`), { order: { pace: 'unthrottled' }, ring: { slotCount: 16 } })
  await run.report('ended')
  const info = run.ring.frameInfo(1)
  assert.equal([run.ring.head, info?.width, info?.height], [11, 270, 480])
})

test('masks are burned in by the capture', async () => {
  const masks = [
    [
      [0, 0],
      [0.5, 0],
      [0.5, 1],
      [0, 1],
    ],
  ] as const
  await using run = new CaptureRun(parseSource('test'), { order: { masks } })
  await run.head(3)
  const pixels = new Uint8Array(640 * 480 * 1.5)
  let info = null
  while (info === null) info = run.ring.readFrame(run.ring.head, pixels)
  const row = pixels.subarray(640 * 10, 640 * 11)
  assert.ok(row.subarray(0, 320).every((value) => value === 16))
  assert.ok(row.subarray(320, 460).every((value) => value > 16))
})

test('a slow reader gets every frame of a lossless ring, bit for bit what the decoder gave', async () => {
  const clip = dataFile('vtest.avi')
  if (clip === null) return
  const frames = 30
  using folder = new TempFolder()
  const raw = folder.file('raw')
  // The frame after the last ends the stream: 30 of them are written.
  const convert = 'videoconvert ! video/x-raw,format=I420'
  await play(`filesrc location="${clip}" ! decodebin ! ${convert} ! identity eos-after=${frames + 1} ! filesink location=${raw}`)
  const file = readFileSync(raw)
  const size = (CLIP.width * CLIP.height * 3) / 2
  const hash = (bytes: Uint8Array) => createHash('sha1').update(bytes).digest('hex')
  const expected = Array.from({ length: frames }, (_none, index) => hash(file.subarray(index * size, (index + 1) * size)))
  const ring = { mode: 'lossless', slotCount: 4 } as const
  await using run = new CaptureRun(parseSource(`file:${clip}`), { ring, order: { pace: 'unthrottled', frame: CLIP } })
  const found: string[] = []
  await run.takeAll(frames, async (info, pixels) => {
    assert.equal([info.width, info.height, info.ptsNs], [768, 576, (info.seq - 1) * 100_000_000])
    found.push(hash(pixels))
    await new Promise((resolve) => setTimeout(resolve, 5))
  })
  assert.equal(found, expected)
})

test('a whole file passes a lossless ring, and its end too', async () => {
  const clip = dataFile('vtest.avi')
  if (clip === null) return
  const ring = { mode: 'lossless', slotCount: 8, maxWidth: 320, maxHeight: 240 } as const
  await using run = new CaptureRun(parseSource(`file:${clip}`), {
    ring,
    order: { pace: 'unthrottled', frame: { width: 320, height: 240, fps: 30 } },
  })
  let last = { seq: 0, endOfStream: false }
  await run.takeAll(1_000, (info) => {
    last = info
  })
  assert.equal([last.seq, last.endOfStream], [796, true])
  await run.report('ended')
})

test('a probe says what a file is', async () => {
  const clip = dataFile('vtest.avi')
  if (clip === null) return
  const caps = await probeSource(parseSource(`file:${clip}`), { env: captureEnv('/nonexistent'), signal: AbortSignal.timeout(LIMIT_MS) })
  assert.equal(caps, { width: 768, height: 576, fps: 10, durationMs: 79_500 })
})

test('the registry is built once into the cache folder and then only read', async () => {
  using folder = new TempFolder()
  assert.is(captureEnv(folder.path)['GST_REGISTRY_UPDATE'], process.env['GST_REGISTRY_UPDATE'])
  assert.is(await ensureRegistry(folder.file('cache')), null)
  const env = captureEnv(folder.file('cache'))
  assert.equal(
    [env['GST_REGISTRY'], env['GST_REGISTRY_UPDATE'], env['UV_THREADPOOL_SIZE']],
    [folder.file('cache/gstreamer.registry'), 'no', '16'],
  )
  const caps = await probeSource(parseSource('test'), { env, signal: AbortSignal.timeout(LIMIT_MS) })
  assert.equal([caps.width, caps.height, caps.fps, caps.durationMs], [640, 480, 30, null])
  assert.match((await ensureRegistry('/dev/null/nowhere')) ?? '', /registry/)
})

test('the registry is built also where GStreamer is to say all it does', async () => {
  using folder = new TempFolder()
  process.env['GST_DEBUG'] = '9'
  try {
    assert.is(await ensureRegistry(folder.file('cache')), null)
  } finally {
    delete process.env['GST_DEBUG']
  }
  assert.ok(existsSync(folder.file('cache/gstreamer.registry')))
})

test('nothing that is started for a capture sees the passwords of the agent', async () => {
  using folder = new TempFolder()
  // GStreamer starts it from the process that builds the registry.
  writeFileSync(folder.file('scanner'), `#!/bin/sh\nenv > '${folder.file('seen')}'\nexit 1\n`, { mode: 0o755 })
  process.env['HEADCOUNT_MQTT_PASSWORD'] = 'secret-of-the-broker'
  process.env['GST_PLUGIN_SCANNER'] = folder.file('scanner')
  try {
    await ensureRegistry(folder.file('cache'))
  } finally {
    delete process.env['HEADCOUNT_MQTT_PASSWORD']
    delete process.env['GST_PLUGIN_SCANNER']
  }
  assert.ok(existsSync(folder.file('seen')))
  assert.not.match(readFileSync(folder.file('seen'), 'utf8'), 'secret-of-the-broker')
  assert.equal(childEnv({ GST_DEBUG: '3', HEADCOUNT_TEST: '1', HEADCOUNT_MQTT_PASSWORD: 'a', HEADCOUNT_HTTP_TOKEN: 'b' }), {
    GST_DEBUG: '3',
    HEADCOUNT_TEST: '1',
  })
})

test.run()

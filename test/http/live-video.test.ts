import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { JpegEncoder } from 'hailort-node/pixels'
import type { Ring } from 'hailort-node/ring'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { eventually } from '../support/eventually.ts'
import { handAgent } from '../support/mjpeg-agent.ts'
import { type HandCamera, openHandCamera, person } from '../support/mjpeg-camera.ts'
import { jpegSize } from '../support/mjpeg-decode.ts'
import { collectFrames } from '../support/mjpeg-frames.ts'
import { fault, TOKEN } from './hand-app.ts'
import { get, openWeb, videoCounters } from './hand-web.ts'

const test = suite('live video')
const MJPEG = '/api/streams/door/mjpeg'
const agentOf = (camera: HandCamera) => handAgent({ door: () => camera.ring })

/** Waits until that many watch: a viewer's connection is made some time after it was asked for. */
const watched = (web: Parameters<typeof videoCounters>[0], viewers: number) =>
  eventually(async () => (await videoCounters(web)).viewers === viewers, { what: `${viewers} viewers` })

test('shows each frame with the boxes of that very frame, although results come late', async () => {
  const brightness = (seq: number) => 30 + (seq % 20) * 10
  const boxes = (seq: number) => [person((seq % 10) / 20, 0.2, (seq % 10) / 20 + 0.3, 0.8, seq)]
  await using camera = await openHandCamera({ slotCount: 64 })
  await using web = await openWeb(agentOf(camera), camera)
  await using viewer = collectFrames(web.port, MJPEG, TOKEN)
  await watched(web, 1)
  for (let seq = 1; seq <= 40; seq += 1) {
    assert.is(camera.frame(brightness(seq), null), seq)
    const late = seq - 3
    if (late < 1) continue
    camera.ring.writeResults(late, { detections: boxes(late), inferenceUs: 1, predicted: false, cpuFallback: false, simulated: false })
    await sleep(40)
  }
  await eventually(() => viewer.frames.some(({ seq }) => seq === 37), { what: 'the last frame is seen' })
  assert.ok(viewer.frames.length >= 5, `${viewer.frames.length} frames seen`)
  const encoder = new JpegEncoder(1)
  for (const { seq, jpeg } of viewer.frames) {
    const picture = await encoder.encode(camera.ring.handle, seq, { overlay: true, width: null, quality: 75 })
    assert.ok(picture?.jpeg.equals(jpeg), `frame ${seq} has its own brightness and boxes`)
  }
  encoder.close()
  const seqs = viewer.frames.map(({ seq }) => seq)
  assert.equal(
    seqs,
    [...new Set(seqs)].sort((a, b) => a - b),
  )
})

test('answers with parts a browser and a player understand, without chunks', async () => {
  await using camera = await openHandCamera()
  await using web = await openWeb(agentOf(camera), camera)
  camera.frame(60, [])
  for (const path of [MJPEG, '/api/camera/stream', `${MJPEG}?overlay=0&width=160&fps=5`]) {
    await using viewer = collectFrames(web.port, path, TOKEN)
    await eventually(() => viewer.frames.length > 0, { what: `a picture from ${path}` })
    assert.match(viewer.head, /content-type: multipart\/x-mixed-replace; boundary=/i)
    assert.match(viewer.head, /x-content-type-options: nosniff/i)
    assert.not.match(viewer.head, /transfer-encoding/i)
    const width = path.includes('width') ? 160 : 320
    assert.equal(jpegSize(viewer.frames[0]?.jpeg ?? Buffer.alloc(0)), { width, height: (width * 3) / 4 })
  }
})

test('encodes nothing while nobody watches', async () => {
  await using camera = await openHandCamera()
  await using web = await openWeb(agentOf(camera), camera)
  const play = async () => {
    for (let i = 0; i < 10; i += 1) {
      camera.frame(60, [])
      await sleep(20)
    }
  }
  await play()
  assert.is((await videoCounters(web)).encodes, 0)
  {
    await using viewer = collectFrames(web.port, MJPEG, TOKEN)
    await eventually(() => viewer.status === 200, { what: 'the viewer is let in' })
    await play()
    await eventually(() => viewer.frames.length > 0, { what: 'a picture' })
  }
  await watched(web, 0)
  const { encodes } = await videoCounters(web)
  assert.ok(encodes > 0)
  await play()
  assert.is((await videoCounters(web)).encodes, encodes)
})

test('encodes once for all who watch', async () => {
  await using camera = await openHandCamera()
  await using web = await openWeb(agentOf(camera), camera)
  const viewers = Array.from({ length: 12 }, () => collectFrames(web.port, MJPEG, TOKEN))
  await watched(web, 12)
  for (let seq = 1; seq <= 10; seq += 1) {
    camera.frame(60, [])
    await eventually(() => viewers.every(({ frames }) => frames.at(-1)?.seq === seq), { what: `all have frame ${seq}` })
  }
  assert.equal(await videoCounters(web), { viewers: 12, encodes: 10, framesSent: 120, framesSkipped: 0 })
  for (const viewer of viewers) await viewer[Symbol.asyncDispose]()
})

test('lets a slow viewer skip whole frames while the others get all', async () => {
  await using camera = await openHandCamera({ width: 1_920, height: 1_080 })
  await using web = await openWeb(agentOf(camera), camera, { jpegQuality: 100 })
  await using quick = collectFrames(web.port, MJPEG, TOKEN)
  await using slow = collectFrames(web.port, MJPEG, TOKEN)
  await watched(web, 2)
  slow.stall()
  let written = 0
  const play = async (count: number) => {
    for (let i = 0; i < count; i += 1) {
      written = camera.noise()
      await eventually(() => quick.frames.at(-1)?.seq === written, { what: `the quick viewer has frame ${written}`, everyMs: 5 })
    }
  }
  await eventually(
    async () => {
      await play(2)
      return (await videoCounters(web)).framesSkipped >= 4
    },
    { what: 'the slow viewer skips', withinMs: 30_000 },
  )
  slow.resume()
  await eventually(
    async () => {
      await play(1)
      return slow.frames.at(-1)?.seq === written
    },
    { what: 'the slow viewer is up to date again', withinMs: 60_000 },
  )
  assert.is(quick.frames.length, written)
  assert.ok(slow.frames.length < written)
  for (const { jpeg } of slow.frames) assert.equal(jpegSize(jpeg), { width: 1_920, height: 1_080 })
})

test('gives a viewer no more frames a second than asked for', async () => {
  await using camera = await openHandCamera()
  await using web = await openWeb(agentOf(camera), camera)
  await using every = collectFrames(web.port, MJPEG, TOKEN)
  await using few = collectFrames(web.port, `${MJPEG}?fps=2`, TOKEN)
  await watched(web, 2)
  const startMs = performance.now()
  for (let seq = 1; seq <= 30; seq += 1) {
    camera.frame(60, [])
    await eventually(() => every.frames.at(-1)?.seq === seq, { what: `frame ${seq}`, everyMs: 15 })
  }
  const seconds = (performance.now() - startMs) / 1_000
  assert.is(every.frames.length, 30)
  assert.ok(few.frames.length >= 1 && few.frames.length <= 2 * seconds + 2, `${few.frames.length} frames in ${seconds} s`)
})

test('refuses a viewer too many politely, and lets one in when another leaves', async () => {
  await using camera = await openHandCamera()
  await using web = await openWeb(agentOf(camera), camera, { maxViewers: 2 })
  const first = collectFrames(web.port, MJPEG, TOKEN)
  await using _second = collectFrames(web.port, '/api/camera/stream', TOKEN)
  await watched(web, 2)
  const refused = await get(web, MJPEG)
  assert.is(refused.status, 503)
  assert.is(refused.headers.get('Retry-After'), '10')
  assert.equal([(await fault(refused)).code], ['TOO_MANY_VIEWERS'])
  await first[Symbol.asyncDispose]()
  await watched(web, 1)
  await using _third = collectFrames(web.port, MJPEG, TOKEN)
  await watched(web, 2)
})

test('has a connection for every viewer it may have, and for others too', async () => {
  await using camera = await openHandCamera()
  await using web = await openWeb(agentOf(camera), camera, { maxViewers: 500 })
  const sockets = Array.from({ length: 450 }, () => connect(web.port, '127.0.0.1').on('error', () => undefined))
  await Promise.all(sockets.map((socket) => once(socket, 'connect')))
  assert.is((await get(web, '/api/streams')).status, 200)
  for (const socket of sockets) socket.destroy()
})

test('asks the agent for nothing but the ring while frames come', async () => {
  await using camera = await openHandCamera()
  const agent = agentOf(camera)
  await using web = await openWeb(agent, camera)
  await using viewer = collectFrames(web.port, MJPEG, TOKEN)
  await watched(web, 1)
  let asked = 0
  agent.stream = () => {
    asked += 1
    return undefined
  }
  const seq = camera.frame(60, [])
  await eventually(() => viewer.frames.at(-1)?.seq === seq, { what: 'the frame is seen' })
  assert.is(asked, 0)
})

test('goes on when a picture cannot be made, and says so once', async () => {
  await using camera = await openHandCamera()
  const bugs: unknown[] = []
  await using web = await openWeb(agentOf(camera), camera, { jpegQuality: 1_000, onBug: (bug) => bugs.push(bug) })
  await using viewer = collectFrames(web.port, MJPEG, TOKEN)
  await watched(web, 1)
  for (let tries = 1; tries <= 3; tries += 1) {
    camera.frame(60, [])
    await eventually(async () => (await videoCounters(web)).encodes >= tries, { what: `encode ${tries} is tried` })
  }
  assert.equal([bugs.length, viewer.ended, viewer.frames.length], [1, false, 0])
})

test('makes no more than three widths at once', async () => {
  await using camera = await openHandCamera()
  await using web = await openWeb(agentOf(camera), camera)
  const viewers = [100, 120, 140, 141].map((width) => collectFrames(web.port, `${MJPEG}?width=${width}`, TOKEN))
  await watched(web, 4)
  const refused = await get(web, `${MJPEG}?width=200`)
  assert.is(refused.status, 409)
  assert.match((await fault(refused)).remedy, 'width=100')
  const full = collectFrames(web.port, MJPEG, TOKEN)
  await watched(web, 5)
  for (const viewer of [...viewers, full]) await viewer[Symbol.asyncDispose]()
})

test('refuses impossible wishes', async () => {
  await using camera = await openHandCamera()
  await using web = await openWeb(agentOf(camera), camera)
  for (const query of ['width=0', 'width=abc', 'width=99999', 'fps=0', 'fps=-1', 'fps=NaN', 'overlay=maybe', 'width=']) {
    for (const path of [MJPEG, '/api/streams/door/snapshot.jpg']) {
      const response = await get(web, `${path}?${query}`)
      assert.is(response.status, 400, query)
      assert.match((await fault(response)).message, query.split('=')[0] ?? '')
    }
  }
  assert.is((await get(web, '/api/streams/nobody/mjpeg')).status, 404)
  assert.is((await get(web, '/api/streams/nobody/snapshot.jpg')).status, 404)
})

test('goes on without boxes when results stay away, and takes them up again', async () => {
  await using camera = await openHandCamera()
  await using web = await openWeb(agentOf(camera), camera)
  await using viewer = collectFrames(web.port, MJPEG, TOKEN)
  await watched(web, 1)
  const seen = (seq: number) => viewer.frames.some((frame) => frame.seq === seq)
  const detected = camera.frame(60, [])
  await eventually(() => seen(detected), { what: 'a frame with a result' })
  const blind = camera.frame(60, null)
  await eventually(() => seen(blind), { what: 'a frame without a result, after a while' })
  const again = camera.frame(60, [])
  await eventually(() => seen(again), { what: 'a frame with a result again' })
})

test('keeps a viewer while there is no ring, and goes on with the next one', async () => {
  await using camera = await openHandCamera()
  let ring: Ring | null = null
  await using web = await openWeb(handAgent({ door: () => ring }), camera)
  await using viewer = collectFrames(web.port, MJPEG, TOKEN)
  await watched(web, 1)
  assert.equal([viewer.status, viewer.frames.length, viewer.ended], [200, 0, false])
  ring = camera.ring
  camera.frame(60, [])
  await eventually(() => viewer.frames.length === 1, { what: 'a picture of the first ring' })
  camera.replace({ width: 640, height: 360 })
  ring = camera.ring
  camera.frame(60, [])
  const newest = await eventually(() => viewer.frames[1], { what: 'a picture of the next ring' })
  assert.equal(jpegSize(newest.jpeg), { width: 640, height: 360 })
  assert.not(viewer.ended)
})

test('ends the picture of a stream that is removed', async () => {
  await using camera = await openHandCamera()
  const agent = agentOf(camera)
  await using web = await openWeb(agent, camera)
  await using viewer = collectFrames(web.port, MJPEG, TOKEN)
  await watched(web, 1)
  await agent.remove('door')
  await eventually(() => viewer.ended, { what: 'the viewer is sent away' })
})

test('takes a snapshot with boxes, or says that there is no picture', async () => {
  await using camera = await openHandCamera()
  await using web = await openWeb(agentOf(camera), camera)
  const none = await get(web, '/api/streams/door/snapshot.jpg')
  assert.is(none.status, 503)
  assert.is((await fault(none)).code, 'NO_PICTURE')
  camera.frame(60, null)
  const plain = Buffer.from(await (await get(web, '/api/streams/door/snapshot.jpg')).arrayBuffer())
  camera.frame(60, [person(0.2, 0.2, 0.8, 0.8)])
  const response = await get(web, '/api/streams/door/snapshot.jpg')
  assert.is(response.headers.get('Content-Type'), 'image/jpeg')
  const boxed = Buffer.from(await response.arrayBuffer())
  assert.equal(jpegSize(boxed), { width: 320, height: 240 })
  assert.not(boxed.equals(plain))
  const bare = Buffer.from(await (await get(web, '/api/streams/door/snapshot.jpg?overlay=0')).arrayBuffer())
  assert.ok(bare.equals(plain))
  const small = Buffer.from(await (await get(web, '/api/streams/door/snapshot.jpg?width=64')).arrayBuffer())
  assert.equal(jpegSize(small), { width: 64, height: 48 })
})

test('ends at once with viewers watching', async () => {
  await using camera = await openHandCamera()
  const web = await openWeb(agentOf(camera), camera)
  const viewers = Array.from({ length: 5 }, () => collectFrames(web.port, MJPEG, TOKEN))
  await watched(web, 5)
  camera.frame(60, [])
  const ended = await Promise.race([web[Symbol.asyncDispose]().then(() => true), sleep(10_000, false, { ref: false })])
  assert.ok(ended)
  await eventually(() => viewers.every((viewer) => viewer.ended), { what: 'all viewers are sent away' })
  camera.frame(60, [])
})

test.run()

import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { DefaultStream, FoundCameras } from '../../agent/config/default-streams.ts'
import { AgentError } from '../../agent/errors.ts'
import { CameraFinder } from '../../agent/supervise/camera-finder.ts'
import { eventually } from '../support/eventually.ts'
import { keepLog } from './kept-log.ts'
import { type PluggableCameras, pluggableCameras } from './pluggable-cameras.ts'

const EVERY_MS = 50
const WEBCAM: FoundCameras = { libcamera: false, v4l2: ['/dev/video0'] }
const OFFLINE: DefaultStream = { config: { source: 'libcamera' }, running: true, status: 'offline' }

/** Waits until pictures come from /dev/videoN. */
async function sees(cameras: PluggableCameras, number: number): Promise<void> {
  await eventually(() => cameras.stream?.config.source === `v4l2:/dev/video${number}` && cameras.stream.status !== 'offline', {
    what: `pictures of /dev/video${number}`,
    withinMs: 40_000,
    log: () => `${cameras.stream?.config.source}, ${cameras.stream?.status}\n${cameras.log.text}`,
  })
}

/** Waits until was looked for cameras so often again. */
async function looked(cameras: PluggableCameras, times: number): Promise<void> {
  const end = cameras.looks + times
  await eventually(() => cameras.looks >= end, { what: 'it looks for cameras', withinMs: 30_000 })
}

const test = suite('camera finder')

test('a camera that is plugged in later is taken, and followed to another number; nothing is written', async () => {
  await using cameras = await pluggableCameras(EVERY_MS)
  await looked(cameras, 3)
  assert.is(cameras.stream?.config.source, 'libcamera')
  assert.equal([cameras.stream?.status, cameras.stream?.view().count], ['offline', null])
  await cameras.plug(0)
  await sees(cameras, 0)
  assert.is(cameras.stream?.view().count, null) // Nothing was inferred yet.
  await cameras.plug(2)
  const { looks } = cameras
  await sleep(20 * EVERY_MS)
  assert.is(cameras.looks, looks) // Nothing is looked for while pictures come.
  await cameras.unplug(0)
  await sees(cameras, 2)
  await cameras.unplug(2)
  await looked(cameras, 3)
  assert.is(cameras.stream?.config.source, 'v4l2:/dev/video2') // It may come back there.
  await cameras.plug(4)
  await sees(cameras, 4)
  assert.equal(
    cameras.log.lines.flatMap(([, text]) => (text.includes('is taken') ? [text] : [])),
    [0, 2, 4].map((number) => `Stream camera: v4l2:/dev/video${number} is there now and is taken`),
  )
  assert.equal(new Set(cameras.toldRunning), new Set([true])) // Nobody has stopped it: a switch for it does not flicker.
  assert.not(existsSync(cameras.overrides))
  assert.equal(
    cameras.streams.all.map(({ id }) => id),
    ['camera'],
  )
})

test('a stream that somebody stopped stays stopped, and takes the camera when it is started again', async () => {
  await using cameras = await pluggableCameras(EVERY_MS)
  await looked(cameras, 1)
  await cameras.stream?.stop()
  const { looks } = cameras
  await cameras.plug(0)
  await sleep(20 * EVERY_MS)
  assert.equal([cameras.stream?.running, cameras.stream?.config.source], [false, 'libcamera'])
  assert.ok(cameras.looks <= looks + 1, 'it is not looked for a camera meanwhile')
  cameras.stream?.start()
  await sees(cameras, 0)
})

test('from the first change on it is a stream like others, with the camera it had then', async () => {
  await using cameras = await pluggableCameras(EVERY_MS)
  await cameras.plug(0)
  await sees(cameras, 0)
  const refused = await cameras.changes.patch('camera', { source: 'nonsense' }).catch((error: unknown) => error)
  assert.instance(refused, AgentError)
  assert.is((refused as AgentError).code, 'CONFIG_INVALID') // It changes nothing.
  await cameras.unplug(0)
  await cameras.plug(2)
  await sees(cameras, 2)
  await cameras.changes.patch('camera', { detectFps: 5 })
  assert.match(await readFile(cameras.overrides, 'utf8'), /added:\n {2}camera:\n {4}source: v4l2:\/dev\/video2\n {4}detectFps: 5\n/)
  await sees(cameras, 2)
  const { looks } = cameras
  await cameras.unplug(2)
  await cameras.plug(4)
  await eventually(() => cameras.stream?.status === 'offline', { what: 'it is offline', withinMs: 20_000 })
  await sleep(20 * EVERY_MS)
  assert.equal([cameras.looks, cameras.stream?.config.source], [looks, 'v4l2:/dev/video2'])
})

test('a stream that is removed is not brought back by a camera', async () => {
  await using cameras = await pluggableCameras(EVERY_MS)
  await looked(cameras, 1)
  await cameras.plug(0)
  await cameras.changes.remove('camera')
  await sleep(20 * EVERY_MS)
  assert.equal(cameras.streams.all, [])
})

test('it never looks twice at once, and takes nothing once it is closed', async () => {
  let found: (cameras: FoundCameras) => void = () => undefined
  let looks = 0
  const follows: FoundCameras[] = []
  const follow = async (cameras: FoundCameras) => {
    follows.push(cameras)
    return null
  }
  const find = () => {
    looks++
    return new Promise<FoundCameras>((resolve) => {
      found = resolve
    })
  }
  const finder = new CameraFinder({ streams: { unconfigured: OFFLINE, follow }, find, log: keepLog(), everyMs: 5 })
  await eventually(() => looks === 1, { what: 'it looks' })
  await sleep(100)
  assert.is(looks, 1)
  found(WEBCAM)
  await eventually(() => looks === 2, { what: 'it looks again' })
  assert.equal(follows, [WEBCAM])
  await finder[Symbol.asyncDispose]() // Does not wait for what the kernel may never say.
  found(WEBCAM)
  await sleep(100)
  assert.equal([looks, follows.length], [2, 1])
})

test('closing waits until the camera that is just being taken is', async () => {
  let take: () => void = () => undefined
  let following = false
  let taken = false
  const follow = async () => {
    following = true
    await new Promise<void>((resolve) => {
      take = resolve
    })
    taken = true
    return { config: { ...OFFLINE.config, id: 'camera' } as never }
  }
  const finder = new CameraFinder({ streams: { unconfigured: OFFLINE, follow }, find: async () => WEBCAM, log: keepLog(), everyMs: 5 })
  await eventually(() => following, { what: 'it takes the camera' })
  const closed = finder[Symbol.asyncDispose]().then(() => assert.ok(taken))
  await sleep(20)
  take()
  await closed
})

test('cameras that come and go and never give a picture are followed ever more slowly', async () => {
  const atMs: number[] = []
  const follow = async () => {
    atMs.push(performance.now())
    return { config: { ...OFFLINE.config, id: 'camera' } as never }
  }
  const log = keepLog()
  await using _ = new CameraFinder({ streams: { unconfigured: OFFLINE, follow }, find: async () => WEBCAM, log, everyMs: 20 })
  await eventually(() => atMs.length === 5, { what: 'five cameras', withinMs: 20_000 })
  const rests = atMs.slice(1).map((at, index) => at - (atMs[index] ?? 0))
  for (const [index, rest] of rests.entries()) assert.ok(rest >= 20 * 2 ** (index + 1) - 2, rests.join(' '))
})

test.run()

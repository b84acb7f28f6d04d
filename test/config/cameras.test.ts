import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { findCameras } from '../../agent/config/cameras.ts'
import { type DefaultStream, defaultStreams, type FoundCameras, streamInstead } from '../../agent/config/default-streams.ts'
import { defaultNode, findPlaces } from '../../agent/config/places.ts'

const test = suite('cameras and places')

/** What is found where the kernel lists these nodes: entry, name, index, driver. */
async function found(nodes: readonly (readonly [string, string, string?, string?])[]): Promise<FoundCameras> {
  const folder = await mkdtemp(join(tmpdir(), 'headcount-sys-'))
  try {
    for (const [entry, name, index = '0', driver] of nodes) {
      await mkdir(join(folder, entry, 'device'), { recursive: true })
      await writeFile(join(folder, entry, 'name'), `${name}\n`)
      await writeFile(join(folder, entry, 'index'), `${index}\n`)
      if (!driver) continue
      await mkdir(join(folder, 'drivers', driver), { recursive: true })
      await symlink(join(folder, 'drivers', driver), join(folder, entry, 'device', 'driver'))
    }
    return await findCameras(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

test('finds a webcam by its picture node, in the order of the numbers', async () => {
  const cameras = await found([
    ['video10', 'C920', '0', 'uvcvideo'],
    ['video2', 'HD Webcam', '0', 'uvcvideo'],
    ['video3', 'HD Webcam', '1', 'uvcvideo'],
  ])
  assert.equal(cameras, { libcamera: false, v4l2: ['/dev/video2', '/dev/video10'] })
})

test('takes no codec of a Raspberry Pi for a camera', async () => {
  const cameras = await found([
    ['video10', 'bcm2835-codec-decode'],
    ['video13', 'bcm2835-isp-output0'],
    ['video19', 'rpi-hevc-dec'],
    ['video20', 'pispbe-input'],
  ])
  assert.equal(cameras, { libcamera: false, v4l2: [] })
})

test('finds a camera module by its sensor', async () => {
  const cameras = await found([
    ['video0', 'rp1-cfe-csi2_ch0'],
    ['v4l-subdev0', 'csi2'],
    ['v4l-subdev2', 'imx708_wide 10-001a'],
  ])
  assert.equal(cameras, { libcamera: true, v4l2: [] })
})

test('finds nothing on a machine without video devices', async () => {
  assert.equal(await findCameras('/nowhere'), { libcamera: false, v4l2: [] })
})

test('prefers the Pi camera, else takes the first device, and never plays anything', () => {
  assert.is(defaultStreams({ libcamera: true, v4l2: ['/dev/video0'] })[0]?.source, 'libcamera')
  assert.is(defaultStreams({ libcamera: false, v4l2: ['/dev/video2', '/dev/video4'] })[0]?.source, 'v4l2:/dev/video2')
  const none = defaultStreams({ libcamera: false, v4l2: [] })
  assert.equal(
    none.map(({ id, source }) => `${id} ${source}`),
    ['camera libcamera'],
  )
})

/** The source that an unconfigured stream takes when these cameras are there; null: it stays. */
function taken(stream: Partial<DefaultStream> & { readonly source: string }, libcamera: boolean, ...v4l2: string[]): string | null {
  const { source, running = true, status = 'offline' } = stream
  return streamInstead({ config: { source }, running, status }, { libcamera, v4l2 })?.source ?? null
}

test('a camera that comes later is taken, also one that comes back under another number, and the first before others', () => {
  const none = { source: 'libcamera' }
  assert.is(taken(none, false, '/dev/video0'), 'v4l2:/dev/video0')
  const webcam = { source: 'v4l2:/dev/video0' }
  assert.is(taken(webcam, false, '/dev/video2', '/dev/video4'), 'v4l2:/dev/video2')
  assert.is(taken(webcam, true, '/dev/video0'), 'libcamera')
})

test('a stream stays with its camera while that may come back or gives pictures, and stays stopped', () => {
  const webcam = { source: 'v4l2:/dev/video0' }
  assert.is(taken(webcam, false), null)
  assert.is(taken(webcam, false, '/dev/video0', '/dev/video2'), null)
  assert.is(taken({ source: 'libcamera' }, true, '/dev/video0'), null)
  for (const status of ['online', 'degraded'] as const) assert.is(taken({ ...webcam, status }, true, '/dev/video2'), null)
  assert.is(taken({ ...webcam, running: false }, false, '/dev/video2'), null)
})

test('makes a node name that every topic takes', () => {
  assert.is(defaultNode('Raspberry Pi.local', '12ab'), 'raspberry_pi-12ab')
  assert.is(defaultNode('***', '12ab'), 'headcount-12ab')
  assert.match(defaultNode(), /^[a-z0-9_-]+-[0-9a-f]{4}$/)
  assert.is(defaultNode(), defaultNode())
})

test('puts state and cache where systemd or the user says', () => {
  assert.equal(findPlaces({ HOME: '/home/pi' }), { stateDir: '/home/pi/.local/state/headcount', cacheDir: '/home/pi/.cache/headcount' })
  assert.equal(findPlaces({ STATE_DIRECTORY: '/var/lib/headcount:/x', CACHE_DIRECTORY: '/var/cache/headcount' }), {
    stateDir: '/var/lib/headcount',
    cacheDir: '/var/cache/headcount',
  })
  assert.equal(findPlaces({ HEADCOUNT_STATE_DIR: '/s', STATE_DIRECTORY: '/var', XDG_CACHE_HOME: '/c' }), {
    stateDir: '/s',
    cacheDir: '/c/headcount',
  })
})

test.run()

import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseSource } from '../../agent/capture/source.ts'
import { streamSchema } from '../../agent/config/stream-schema.ts'
import { checkCameras } from '../../agent/doctor/camera-check.ts'
import { camerasOf } from '../../agent/doctor/examined-cameras.ts'
import type { Finding, Severity } from '../../agent/doctor/finding.ts'
import { MachineFiles } from '../../agent/doctor/machine-files.ts'
import { AgentError } from '../../agent/errors.ts'
import { type Files, Tree } from '../support/tree.ts'

interface Given {
  readonly files?: Files
  readonly folders?: readonly string[]
  /** Paths of the machine that this user may not use. */
  readonly barred?: readonly string[]
}

async function camera(source: string | AgentError, { files = {}, folders = [], barred = [] }: Given = {}): Promise<readonly Finding[]> {
  await using tree = await Tree.make({ 'etc/group': 'root:x:0:\nvideo:x:44:\n', ...files })
  for (const folder of folders) await mkdir(tree.at(folder), { recursive: true })
  const may = async (path: string) => !barred.includes(path.slice(tree.path.length))
  const parsed = source instanceof AgentError ? source : parseSource(source)
  return await checkCameras(new MachineFiles(tree.path), [{ stream: 'door', source: parsed }], { mayUse: may, mayRead: may })
}

function told([finding, ...more]: readonly Finding[], severity: Severity, words: string | RegExp): void {
  assert.equal(more, [])
  assert.is(finding?.severity, severity, finding?.what)
  assert.match(finding?.what ?? '', words)
  if (severity === 'failed') assert.ok(finding?.remedy && finding.why, finding?.what)
}

const SENSOR: Files = {
  'sys/class/video4linux/v4l-subdev0/name': 'imx708_wide 10-001a\n',
  'dev/video0': '',
  'dev/media0': '',
  'dev/v4l-subdev0': '',
}
const USB: Files = { 'sys/class/video4linux/video2/name': 'HD Webcam\n', 'sys/class/video4linux/video2/index': '0\n', 'dev/video2': '' }

const test = suite('doctor: cameras')

test('a source that cannot be read is told with its own remedy', async () => {
  const findings = await camera(new AgentError('CONFIG_UNREADABLE', 'Cannot read the password file /p (ENOENT).', { remedy: 'Create it.' }))
  told(findings, 'failed', 'door: Cannot read the password file')
  assert.is(findings[0]?.remedy, 'Create it.')
})

test('a file must be there, a file, and readable', async () => {
  told(await camera('file:/clip.mp4'), 'failed', '/clip.mp4 cannot be found (ENOENT)')
  told(await camera('file:/clip.mp4', { folders: ['clip.mp4'] }), 'failed', 'is not a file')
  told(await camera('file:/clip.mp4', { files: { 'clip.mp4': '' }, barred: ['/clip.mp4'] }), 'failed', 'may not read')
  told(await camera('file:/clip.mp4', { files: { 'clip.mp4': '' } }), 'ok', '/clip.mp4 is there')
  told(await camera('test'), 'ok', 'test picture')
})

test('a device must be there and be usable; others are named where it is not', async () => {
  told(await camera('v4l2:/dev/video0'), 'failed', 'no camera is seen at all')
  told(await camera('v4l2:/dev/video0', { files: USB }), 'failed', 'there is /dev/video2')
  told(await camera('v4l2:/dev/video2', { files: USB, barred: ['/dev/video2'] }), 'failed', 'this user may not use it')
  told(await camera('v4l2:/dev/video2', { files: USB }), 'ok', '/dev/video2 is there and this user may use it')
})

test('libcamera needs a camera, all its devices, and one of the heaps', async () => {
  told(await camera('libcamera'), 'failed', 'there is no camera')
  told(await camera('libcamera', { files: SENSOR }), 'ok', 'a camera of libcamera is there')
  const [note, ...more] = await camera('libcamera', { files: USB })
  told([note as Finding, ...more], 'note', 'only /dev/video2')
  assert.match(note?.remedy ?? '', 'v4l2:/dev/video2')
  const barred = (await camera('libcamera', { files: SENSOR, barred: ['/dev/media0'] })).slice(1)
  told(barred, 'failed', 'may not use /dev/media0')
  assert.match(barred[0]?.remedy ?? '', 'usermod -aG')
  const heaps = { ...SENSOR, 'dev/dma_heap/system': '', 'dev/dma_heap/linux,cma': '' }
  told(await camera('libcamera', { files: heaps, barred: ['/dev/dma_heap/system'] }), 'ok', 'is there')
  const none = (await camera('libcamera', { files: heaps, barred: ['/dev/dma_heap/system', '/dev/dma_heap/linux,cma'] })).slice(1)
  told(none, 'failed', 'may not use any of')
  assert.match(none[0]?.remedy ?? '', 'dma_heap')
})

test('without a camera and without a configured stream one thing is told: there is none', async () => {
  const none = await camerasOf([], { libcamera: false, v4l2: [] })
  const [{ stream, source } = { stream: '', source: null }, ...more] = none
  assert.equal(more, [])
  assert.is(stream, 'camera')
  assert.instance(source, AgentError)
  const findings = await camera(source as AgentError)
  told(findings, 'failed', 'there is no camera')
  assert.match(findings[0]?.remedy ?? '', /^Connect a camera.*by itself.*Or configure a stream/)
  const kind = async (...args: Parameters<typeof camerasOf>) =>
    (await camerasOf(...args)).map(({ source }) => (source instanceof AgentError ? source.code : source.kind))
  assert.equal(await kind([], { libcamera: true, v4l2: [] }), ['libcamera'])
  assert.equal(await kind([], { libcamera: false, v4l2: ['/dev/video0'] }), ['v4l2'])
  const configured = [streamSchema.parse({ id: 'door', source: 'libcamera' })]
  assert.equal(await kind(configured, { libcamera: false, v4l2: [] }), ['libcamera'])
})

test('a network camera is asked for a connection, and told nothing', async () => {
  const heard: string[] = []
  const server = createServer((socket) => socket.on('data', (bytes) => heard.push(bytes.toString())).on('error', () => undefined)).listen(
    0,
    '127.0.0.1',
  )
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const url = `rtsp://me:geheim@127.0.0.1:${port}/1?token=geheim`
  const open = await camera(url)
  server.close()
  await once(server, 'close')
  told(open, 'ok', `127.0.0.1:${port} takes connections`)
  told(await camera(url), 'failed', 'refuses the connection')
  told(await camera('rtsp://no-such-host.invalid/1'), 'failed', /no-such-host\.invalid/)
  assert.equal(heard, [])
  assert.not.match(JSON.stringify([open, await camera(url)]), 'geheim')
})

test.run()

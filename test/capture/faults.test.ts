import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { busFault, launchFault, withoutCamera } from '../../agent/capture/capture-fault.ts'
import { captureEnv } from '../../agent/capture/environment.ts'
import type { Source } from '../../agent/capture/messages.ts'
import { probeSource } from '../../agent/capture/probe.ts'
import { parseSource } from '../../agent/capture/source.ts'
import { findCameras } from '../../agent/config/cameras.ts'
import { AgentError } from '../../agent/errors.ts'
import { canLeaveNetwork, NETWORK } from '../support/namespaces.ts'
import { skip } from '../support/skip.ts'
import { type Files, Tree } from '../support/tree.ts'
import { CaptureRun, TempFolder } from './capture-run.ts'

const test = suite('faults of sources')

/** The fault a real capture ends with. */
async function faultOf(source: string) {
  await using run = new CaptureRun(parseSource(source))
  const { fault } = await run.report('failed')
  assert.ok(fault.remedy.length > 10)
  run.child.send({ type: 'stop' })
  assert.is((await run.child.exited).code, 0)
  assert.is(run.ring.head, 0)
  return fault
}

/** What an error is made of on a machine whose kernel lists these video nodes. */
async function causeOf(source: Source, error: unknown, files: Files): Promise<AgentError> {
  await using tree = await Tree.make(files)
  const cause = await withoutCamera(source, error, tree.path)
  assert.instance(cause, AgentError)
  return cause as AgentError
}

/** A port of 127.0.0.1 on which something listens that never answers. */
async function silentPort() {
  const server = createServer((socket) => socket.on('error', () => undefined))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { port, [Symbol.dispose]: () => server.close() }
}

test('a file that is not there', async () => {
  const fault = await faultOf('file:/no/such "clip".mp4')
  assert.is(fault.code, 'SOURCE_MISSING')
  assert.match(fault.message, /Resource not found.*No such file "\/no\/such "clip".mp4"/)
})

test('files that are no video: random bytes, text, nothing, sound, a folder', async () => {
  using folder = new TempFolder()
  writeFileSync(folder.file('random.mp4'), Buffer.from(Array.from({ length: 20_000 }, (_none, index) => (index * 7919 + 13) & 255)))
  writeFileSync(folder.file('text.mp4'), 'This is not a video.\n')
  writeFileSync(folder.file('empty.mp4'), '')
  const silence = Buffer.alloc(8_044)
  silence.write('RIFF\x64\x1f\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data\x40\x1f\0\0', 'latin1')
  writeFileSync(folder.file('sound.wav'), silence)
  mkdirSync(folder.file('folder'))
  for (const name of ['random.mp4', 'text.mp4', 'empty.mp4', 'sound.wav', 'folder']) {
    const { code, message } = await faultOf(`file:${folder.file(name)}`)
    assert.is(code, 'SOURCE_UNREADABLE', `${name}: ${message}`)
  }
})

test('a camera that refuses the connection', async () => {
  const { port, [Symbol.dispose]: close } = await silentPort()
  close()
  assert.is((await faultOf(`rtsp://127.0.0.1:${port}/cam`)).code, 'SOURCE_REFUSED')
})

test('a camera that takes the connection and never answers', async () => {
  using camera = await silentPort()
  const { code, message } = await faultOf(`rtsp://joe:secret@127.0.0.1:${camera.port}/cam?password=secret`)
  assert.is(code, 'SOURCE_UNREACHABLE')
  assert.not.match(message, /secret/)
})

test('a camera to which no way leads', () => {
  if (!canLeaveNetwork()) return
  // In a network of its own without any address: nothing leaves this machine.
  const child = fileURLToPath(new URL('./unroutable-child.js', import.meta.url))
  const args = [NETWORK, process.execPath, child, 'rtsp://joe:secret@192.0.2.1/live']
  const { status, stdout, stderr } = spawnSync('unshare', args, { encoding: 'utf8', timeout: 60_000 })
  assert.is(status, 0, stderr)
  const { code, message } = JSON.parse(stdout) as { code: string; message: string }
  assert.is(code, 'SOURCE_UNREACHABLE', message)
  assert.not.match(message, /secret/)
})

test('a video device that is not there', async () => {
  assert.is((await faultOf('v4l2:/dev/video99')).code, 'NO_CAMERA')
})

test('a missing element names the Debian package', () => {
  const fault = launchFault(parseSource('libcamera'), new Error('no element "libcamerasrc"'))
  assert.instance(fault, AgentError)
  assert.is((fault as AgentError).code, 'ELEMENT_MISSING')
  assert.match((fault as AgentError).remedy, /apt install gstreamer1.0-libcamera\b/)
})

test('the camera that is not there is told before the element that would open it', async () => {
  const opening = (source: string, element: string, files: Files = {}) => {
    const parsed = parseSource(source)
    return causeOf(parsed, launchFault(parsed, new Error(`no element "${element}"`)), files)
  }
  const missing = await opening('libcamera', 'libcamerasrc')
  assert.is(missing.code, 'NO_CAMERA')
  assert.is(missing.what, 'libcamera: no camera is there.')
  assert.match(missing.remedy, /Connect a camera.*found by itself.*Or configure a stream.*gstreamer1\.0-libcamera/)
  const sensor = { 'v4l-subdev2/name': 'imx708_wide 10-001a\n' }
  assert.is((await opening('libcamera', 'libcamerasrc', sensor)).code, 'ELEMENT_MISSING')
  const webcam = { 'video0/name': 'HD Webcam\n' }
  assert.is((await opening('libcamera', 'libcamerasrc', webcam)).code, 'ELEMENT_MISSING')
  assert.is((await opening('libcamera', 'videoflip')).code, 'ELEMENT_MISSING')
  assert.is((await opening('v4l2:/dev/video0', 'v4l2src')).code, 'ELEMENT_MISSING')
  const bug = new Error('a bug')
  assert.is(await withoutCamera(parseSource('libcamera'), bug), bug)
})

test('a machine without any camera says so, whether it has libcamera or not', async () => {
  const { libcamera, v4l2 } = await findCameras()
  if (libcamera || v4l2.length > 0) return skip('this machine has a camera')
  assert.is((await faultOf('libcamera')).code, 'NO_CAMERA')
})

test('a missing decoder is told from a file that is no video', () => {
  const missing = (format: string) =>
    busFault(parseSource('file:/a.mkv'), {
      ...{ type: 'error', _src_element_name: 'decodebin0', message: 'Your GStreamer installation is missing a plug-in.' },
      debug: `place\nno suitable plugins found:\nMissing decoder: ${format}\n`,
    }).code
  assert.is(missing('H.265 (Main Profile) (video/x-h265, profile=(string)main)'), 'ELEMENT_MISSING')
  assert.is(missing('MPEG-1 Layer 3 (audio/mpeg, mpegversion=(int)1)'), 'SOURCE_UNREADABLE')
})

test("a number of GStreamer's own source line is no status code", () => {
  const { code } = busFault(parseSource('rtsp://cam/1'), {
    ...{ type: 'error', _src_element_name: 'source', message: 'Could not read from resource.' },
    debug: 'gstrtspsrc.c(401): receive ():\nServer closed.',
  })
  assert.is(code, 'SOURCE_FAILED')
})

test('a probe gives the same faults', async () => {
  const probing = probeSource(parseSource('file:/no/such.mp4'), { env: captureEnv('/nonexistent'), signal: AbortSignal.timeout(20_000) })
  const outcome = await probing.catch((error: unknown) => error)
  assert.is((outcome as AgentError).code, 'SOURCE_MISSING')
})

test.run()

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { captureEnv } from '../../agent/capture/environment.ts'
import { probeSource } from '../../agent/capture/probe.ts'
import { parseSource } from '../../agent/capture/source.ts'
import { eventually } from '../support/eventually.ts'
import { RtspCamera } from '../support/rtsp-camera.ts'
import { CaptureRun } from './capture-run.ts'

const test = suite('rtsp')

const PASSWORD = `p "w' ! fakesink \\ @:/?`

test('frames of a network camera land in the ring, password and all', async () => {
  await using camera = await RtspCamera.open({ user: 'joe', password: PASSWORD, fps: 20 })
  await using run = new CaptureRun(parseSource(camera.url(`joe:${encodeURIComponent(PASSWORD)}`)))
  await run.head(20)
  const info = run.ring.frameInfo(run.ring.head)
  assert.equal([info?.width, info?.height, info?.endOfStream], [320, 240, false])
})

test('a wrong password is told as such, and not shown', async () => {
  await using camera = await RtspCamera.open({ user: 'joe', password: PASSWORD })
  for (const login of ['', 'joe:wrong-one']) {
    await using run = new CaptureRun(parseSource(camera.url(login)))
    const { fault } = await run.report('failed')
    assert.is(fault.code, 'SOURCE_UNAUTHORIZED')
    assert.not.match(JSON.stringify(fault), /wrong-one/)
  }
})

test('a path the camera does not have is told; a probe says what it has', async () => {
  await using camera = await RtspCamera.open()
  await using run = new CaptureRun(parseSource(`${camera.url()}/no`))
  assert.is((await run.report('failed')).fault.code, 'SOURCE_REFUSED')
  const caps = await probeSource(parseSource(camera.url()), { env: captureEnv('/nonexistent'), signal: AbortSignal.timeout(20_000) })
  assert.equal([caps.width, caps.height, caps.durationMs], [320, 240, null])
  assert.ok(Math.abs(caps.fps - 15) < 1)
})

test('a camera that goes away is a failure, never an end', async () => {
  const camera = await RtspCamera.open()
  await using run = new CaptureRun(parseSource(camera.url()))
  await run.head(5)
  await camera[Symbol.asyncDispose]()
  assert.match((await run.report('failed')).fault.code, /^SOURCE_/)
  assert.is(run.ring.frameInfo(run.ring.head)?.endOfStream, false)
})

test('a camera that falls silent leaves the ring as it is', async () => {
  await using camera = await RtspCamera.open({ stallAfter: 0.5 })
  await using run = new CaptureRun(parseSource(camera.url()))
  await run.head(3)
  let before = -1
  const still = () => {
    const same = run.ring.head === before
    before = run.ring.head
    return same
  }
  await eventually(still, { what: 'no more frames come', everyMs: 700 })
  assert.is(
    run.reports.find(({ type }) => type === 'ended'),
    undefined,
  )
})

test.run()

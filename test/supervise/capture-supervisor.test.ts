import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { CaptureOrder } from '../../agent/capture/messages.ts'
import { RingFiles } from '../../agent/ring/ring-files.ts'
import { RuntimeFolder } from '../../agent/ring/runtime-folder.ts'
import { CaptureSupervisor } from '../../agent/supervise/capture-supervisor.ts'
import { temporaryFolder } from '../ring/temporary-ring.ts'
import { eventually } from '../support/eventually.ts'
import { keepLog } from './kept-log.ts'

const test = suite('capture supervisor')

test('a camera that is away is told once, however often it is tried', async () => {
  using temporary = temporaryFolder()
  await using folder = await RuntimeFolder.open(join(temporary.path, 'headcount'))
  using files = RingFiles.open(folder)
  const { path: ringPath, ring } = files.create('door', { slotCount: 4, maxWidth: 320, maxHeight: 240, format: 'I420', mode: 'live' })
  const order: Extract<CaptureOrder, { type: 'start' }> = {
    type: 'start',
    stream: 'door',
    source: { kind: 'v4l2', device: '/dev/video-of-nobody' },
    loop: false,
    pace: 'own',
    rotate: 0,
    flip: 'none',
    frame: { width: 320, height: 240, fps: 30 },
    masks: [],
    ringPath,
    doorbellsPath: folder.doorbellsPath,
    parentPid: process.pid,
  }
  const log = keepLog()
  const ending = new AbortController().signal
  await using capture = new CaptureSupervisor({ order, env: process.env, ring, log, ending, onChange: () => undefined })
  await eventually(() => capture.restarts >= 3, { what: 'it was tried four times', withinMs: 60_000 })
  assert.match(log.lines[0]?.[1] ?? '', /^stream door: /)
  assert.match(log.lines[1]?.[1] ?? '', /^capture door starts again in \d+ ms$/)
  assert.is(log.lines.length, 2, log.text)
})

test.run()

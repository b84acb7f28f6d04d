import { copyFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { parseSource } from '../../agent/capture/source.ts'
import { findCameras } from '../../agent/config/cameras.ts'
import { defaultStreams } from '../../agent/config/default-streams.ts'
import { loadConfig } from '../../agent/config/load.ts'
import { AgentError } from '../../agent/errors.ts'
import { RingFiles } from '../../agent/ring/ring-files.ts'
import { RuntimeFolder } from '../../agent/ring/runtime-folder.ts'
import { StreamChanges } from '../../agent/stream-changes.ts'
import { CameraFinder } from '../../agent/supervise/camera-finder.ts'
import type { Stream } from '../../agent/supervise/stream.ts'
import { Streams } from '../../agent/supervise/streams.ts'
import { temporaryFolder } from '../ring/temporary-ring.ts'
import { play } from '../ringsink/play.ts'
import { Tree } from '../support/tree.ts'
import { type KeptLog, keepLog } from './kept-log.ts'

/** A machine whose USB cameras come and go, with the stream that runs because none is configured. */
export interface PluggableCameras extends AsyncDisposable {
  readonly stream: Stream | undefined
  readonly streams: Streams
  readonly changes: StreamChanges
  readonly log: KeptLog
  /** Whether the stream was said to run, each time something was said of it. */
  readonly toldRunning: readonly boolean[]
  /** How often was looked for cameras. */
  readonly looks: number
  /** Where changes made at run time would be kept. */
  readonly overrides: string
  /** Puts a camera at /dev/videoN. */
  plug(number: number): Promise<void>
  /** Takes it away, also from the capture that reads it. */
  unplug(number: number): Promise<void>
}

/** Two minutes: longer than any test looks at it. */
const PICTURE = 'videotestsrc pattern=black num-buffers=1200 ! video/x-raw,format=I420,width=160,height=120,framerate=10/1'

/** No camera is there at first. Pictures come from a file in the place of the device; `everyMs`: between two looks. */
export async function pluggableCameras(everyMs: number): Promise<PluggableCameras> {
  const tree = await Tree.make({ 'config.yaml': '{}', 'dev/none': '' })
  const { error } = await play(`${PICTURE} ! jpegenc ! avimux ! filesink name=sink location="${tree.at('clip.avi')}"`)
  if (error) throw new Error(`no clip: ${JSON.stringify(error)}`)
  const temporary = temporaryFolder()
  const folder = await RuntimeFolder.open(join(temporary.path, 'headcount'))
  const files = RingFiles.open(folder)
  const log = keepLog()
  const toldRunning: boolean[] = []
  const streams = new Streams(
    {
      files,
      engine: { gone: null, doorbell: files.takeDoorbell(), detectorMs: 10, maxBatch: 1, attach: () => undefined, detach: () => undefined },
      doorbellsPath: folder.doorbellsPath,
      viewersDoorbell: files.takeDoorbell(),
      captureEnv: process.env,
      flow: 'live',
      log,
      ending: new AbortController().signal,
      onChange: ({ running }) => toldRunning.push(running),
      onEvents: () => undefined,
      onDetections: () => undefined,
      openSource: async ({ source }) => {
        if (source.startsWith('v4l2:')) return parseSource(`file:${tree.at(source.slice('v4l2:'.length))}`)
        throw new AgentError('NO_CAMERA', `${source}: no camera is there.`, { remedy: 'Connect one.' })
      },
    },
    () => undefined,
  )
  let looks = 0
  const find = () => {
    looks++
    return findCameras(tree.at('sys'))
  }
  const loaded = await loadConfig({ file: tree.at('config.yaml'), env: { HEADCOUNT_STATE_DIR: tree.at('state') } })
  const defaults = defaultStreams(await findCameras(tree.at('sys')))
  const changes = new StreamChanges({ loaded, defaults, streams })
  for (const stream of defaults) streams.add(stream)
  const finder = new CameraFinder({ streams: changes, find, log, everyMs })
  return {
    get stream() {
      return streams.get('camera')
    },
    streams,
    changes,
    log,
    toldRunning,
    get looks() {
      return looks
    },
    overrides: tree.at('state/overrides.yaml'),
    async plug(number) {
      await copyFile(tree.at('clip.avi'), tree.at(`dev/video${number}`))
      await tree.add({ [`sys/video${number}/name`]: 'HD Webcam\n', [`sys/video${number}/index`]: '0\n' })
    },
    async unplug(number) {
      await rm(tree.at(`sys/video${number}`), { recursive: true })
      await rm(tree.at(`dev/video${number}`))
      const pid = streams.get('camera')?.capture?.pid
      if (pid) process.kill(pid, 'SIGKILL')
    },
    async [Symbol.asyncDispose]() {
      await finder[Symbol.asyncDispose]()
      await streams[Symbol.asyncDispose]()
      files[Symbol.dispose]()
      await folder[Symbol.asyncDispose]()
      temporary[Symbol.dispose]()
      await tree[Symbol.asyncDispose]()
    },
  }
}

import type { SceneEvent } from '../../agent/counting/scene.ts'
import { AgentError } from '../../agent/errors.ts'
import type { RingFiles } from '../../agent/ring/ring-files.ts'
import type { StreamParts } from '../../agent/supervise/stream.ts'
import { Streams } from '../../agent/supervise/streams.ts'
import { keepLog } from './kept-log.ts'

/** Streams whose sources cannot be opened, but are waited for until `refuse` is called. */
export function streamsWithoutSource() {
  let refuse: () => void = () => undefined
  const refused = new Promise<void>((resolve) => {
    refuse = resolve
  })
  const told: string[] = []
  const events: SceneEvent[] = []
  const parts: StreamParts = {
    // Never reached: the source comes first.
    files: null as unknown as RingFiles,
    engine: { gone: null, doorbell: 0, detectorMs: 10, maxBatch: 1, attach: () => undefined, detach: () => undefined },
    doorbellsPath: '',
    viewersDoorbell: 0,
    captureEnv: {},
    flow: 'live',
    log: keepLog(),
    ending: new AbortController().signal,
    onChange: (stream) => told.push(`${stream.running ? 'running' : 'stopped'}, ${stream.status}`),
    onEvents: (_, more) => events.push(...more),
    onDetections: () => undefined,
    openSource: async ({ source }) => {
      await refused
      throw new AgentError('SOURCE_MISSING', `There is no ${source}.`, { remedy: 'Plug it in.' })
    },
  }
  return { streams: new Streams(parts, () => undefined), refuse, told, events }
}

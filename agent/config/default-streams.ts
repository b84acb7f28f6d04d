import { type StreamConfig, streamSchema } from './stream-schema.ts'

/** Cameras this machine seems to have. */
export interface FoundCameras {
  readonly libcamera: boolean
  /** Device files, in order. */
  readonly v4l2: readonly string[]
}

/** The stream of a configuration that names none. Without any camera it is one that stays offline: never a clip. */
export function defaultStreams({ libcamera, v4l2 }: FoundCameras): StreamConfig[] {
  const device = v4l2[0]
  const source = libcamera || device === undefined ? 'libcamera' : `v4l2:${device}`
  return [streamSchema.parse({ id: 'camera', source })]
}

/** How a stream does that runs because none is configured. */
export interface DefaultStream {
  readonly config: { readonly source: string }
  /** Nobody has stopped it. */
  readonly running: boolean
  readonly status: 'online' | 'degraded' | 'offline'
}

/** Whether another camera would help: it is meant to run and no pictures come. */
export function lacksCamera({ running, status }: DefaultStream): boolean {
  return running && status === 'offline'
}

/**
 * The stream to run in the place of one that nobody configured; null: that one stays. It stays while its pictures come, while somebody has
 * stopped it, and while there is no camera at all: it may come back where it was.
 */
export function streamInstead(stream: DefaultStream, found: FoundCameras): StreamConfig | null {
  if (!lacksCamera(stream) || (!found.libcamera && found.v4l2.length === 0)) return null
  const [instead] = defaultStreams(found)
  return instead === undefined || instead.source === stream.config.source ? null : instead
}

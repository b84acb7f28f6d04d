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

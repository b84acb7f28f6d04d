import { openSource } from '../capture/open-source.ts'
import { defaultStreams, type FoundCameras } from '../config/default-streams.ts'
import type { StreamConfig } from '../config/stream-schema.ts'
import { AgentError } from '../errors.ts'
import type { Camera } from './camera-check.ts'

/** The streams that `run` would have, with their sources. Without a camera and without a stream what is missing is the camera, not libcamera. */
export async function camerasOf(configured: readonly StreamConfig[], found: FoundCameras): Promise<readonly Camera[]> {
  const streams = configured.length > 0 ? configured : defaultStreams(found)
  if (configured.length > 0 || found.libcamera || found.v4l2.length > 0) return await Promise.all(streams.map(cameraOf))
  const source = new AgentError('NO_CAMERA', 'there is no camera.', {
    remedy:
      'Connect a camera: a running headcount finds it by itself. Or configure a stream. "rpicam-hello --list-cameras" lists those of a Raspberry Pi.',
  })
  return streams.map(({ id }) => ({ stream: id, source }))
}

async function cameraOf(stream: StreamConfig): Promise<Camera> {
  const source = await openSource(stream).catch((error: unknown) => {
    if (error instanceof AgentError) return error
    throw error
  })
  return { stream: stream.id, source }
}

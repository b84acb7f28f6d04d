import type { Source } from '../capture/messages.ts'
import { findCameras } from '../config/cameras.ts'
import { AgentError } from '../errors.ts'
import { type Finding, ok } from './finding.ts'
import { checkLibcamera } from './libcamera-check.ts'
import type { MachineFiles } from './machine-files.ts'
import { joining, type MayUse, ownership } from './ownership.ts'
import { tcpError } from './tcp.ts'

const CHECK = 'camera'
const RTSP_PORT = 554
const RTSPS_PORT = 322
const CONNECT_LIMIT_MS = 3_000
const WHY = 'The stream is offline and its count unknown until it is there.'

/** A stream and where its pictures come from, or why that cannot be told. */
export interface Camera {
  readonly stream: string
  readonly source: Source | AgentError
}

export interface CameraRights {
  readonly mayUse: MayUse
  readonly mayRead: MayUse
}

/** Is the source of each stream there? None is opened: a network camera only gets a connection that says nothing. */
export async function checkCameras(files: MachineFiles, cameras: readonly Camera[], rights: CameraRights): Promise<readonly Finding[]> {
  return (await Promise.all(cameras.map((camera) => checkCamera(files, camera, rights)))).flat()
}

async function checkCamera(files: MachineFiles, { stream, source }: Camera, rights: CameraRights): Promise<readonly Finding[]> {
  if (source instanceof AgentError) return [bad(`${stream}: ${source.what}`, source.remedy)]
  switch (source.kind) {
    case 'test':
      return [ok(CHECK, `${stream}: GStreamer's test picture.`)]
    case 'file':
      return [await checkFile(files, stream, source.path, rights.mayRead)]
    case 'v4l2':
      return [await checkDevice(files, stream, source.device, rights.mayUse)]
    case 'libcamera':
      return checkLibcamera(files, stream, rights.mayUse)
    case 'rtsp':
      return [await checkNetwork(stream, source.url)]
  }
}

async function checkFile(files: MachineFiles, stream: string, path: string, mayRead: MayUse): Promise<Finding> {
  const found = await files.stat(path)
  if (typeof found === 'string')
    return bad(`${stream}: ${path} cannot be found (${found}).`, 'Correct the path, or its rights for this user.')
  if (!found.isFile()) return bad(`${stream}: ${path} is not a file.`, 'Name a video file.')
  if (await mayRead(files.at(path))) return ok(CHECK, `${stream}: ${path} is there.`)
  return bad(`${stream}: this user may not read ${path}.`, 'Let the user headcount runs as read the file (chmod, chown).')
}

async function checkDevice(files: MachineFiles, stream: string, device: string, mayUse: MayUse): Promise<Finding> {
  const owned = await ownership(files, device)
  if (owned === null) {
    const { v4l2 } = await findCameras(files.at('/sys/class/video4linux'))
    const others = v4l2.length === 0 ? 'no camera is seen at all' : `there ${v4l2.length === 1 ? 'is' : 'are'} ${v4l2.join(', ')}`
    return bad(`${stream}: ${device} is not there; ${others}.`, 'Plug the camera in, or correct the source of the stream.')
  }
  const { owner, group, mode } = owned
  if (await mayUse(files.at(device)))
    return ok(CHECK, `${stream}: ${device} is there and this user may use it (${owner}:${group} ${mode}).`)
  return bad(`${stream}: ${device} belongs to ${owner}:${group} ${mode}: this user may not use it.`, joining(group))
}

async function checkNetwork(stream: string, url: string): Promise<Finding> {
  const { hostname, port, protocol } = new URL(url)
  const number = Number(port) || (protocol === 'rtsps:' ? RTSPS_PORT : RTSP_PORT)
  const address = `${hostname}:${number}`
  const error = await tcpError(hostname.replace(/^\[|\]$/g, ''), number, CONNECT_LIMIT_MS)
  switch (error) {
    case null:
      return ok(CHECK, `${stream}: ${address} takes connections.`)
    case 'ECONNREFUSED':
      return bad(`${stream}: ${address} refuses the connection.`, 'Check address and port; is RTSP switched on in the camera?')
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return bad(`${stream}: the name ${hostname} is not known.`, 'Correct the name, or write the address of the camera.')
    default:
      return bad(`${stream}: ${address} does not answer (${error}).`, 'Check that the camera is on, its cable, and the network between.')
  }
}

function bad(what: string, remedy: string): Finding {
  return { check: CHECK, severity: 'failed', what, why: WHY, remedy }
}

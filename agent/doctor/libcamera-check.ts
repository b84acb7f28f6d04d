import { findCameras } from '../config/cameras.ts'
import { type Finding, ok } from './finding.ts'
import type { MachineFiles } from './machine-files.ts'
import { joining, type MayUse, ownership } from './ownership.ts'

const CHECK = 'camera'
/** Memory for pictures is taken from one of them. */
const HEAPS = '/dev/dma_heap'
const HEAP_RULE = `echo 'SUBSYSTEM=="dma_heap", GROUP="video", MODE="0660"' | sudo tee /etc/udev/rules.d/71-dma-heap.rules && sudo udevadm trigger`

/** Is there a camera for libcamera, and may this user open all that libcamera opens? */
export async function checkLibcamera(files: MachineFiles, stream: string, mayUse: MayUse): Promise<readonly Finding[]> {
  const found = await findCameras(files.at('/sys/class/video4linux'))
  if (!found.libcamera && found.v4l2.length === 0) {
    const what = `${stream}: there is no camera.`
    const why = 'The stream is offline and its count unknown until there is one.'
    const remedy = 'Check the ribbon cable of the camera, or plug one in; "rpicam-hello --list-cameras" lists those of the Raspberry Pi.'
    return [{ check: CHECK, severity: 'failed', what, why, remedy }]
  }
  const devices = await nodes(files, '/dev', /^(video|media|v4l-subdev)\d+$/)
  const barred = await without(files, devices, mayUse)
  const heaps = await nodes(files, HEAPS, /./)
  const noHeap = heaps.length > 0 && (await without(files, heaps, mayUse)).length === heaps.length
  const what = found.libcamera
    ? `${stream}: a camera of libcamera is there.`
    : `${stream}: no camera on a ribbon cable is there, only ${found.v4l2.join(', ')}, which libcamera may know too.`
  const present: Finding = found.libcamera
    ? ok(CHECK, what)
    : { check: CHECK, severity: 'note', what, why: null, remedy: `If the stream stays offline, write source: v4l2:${found.v4l2[0]}` }
  return [present, ...(await deviceRights(files, stream, barred)), ...(noHeap ? [heapRights(stream, heaps)] : [])]
}

async function nodes(files: MachineFiles, folder: string, pattern: RegExp): Promise<readonly string[]> {
  return (await files.names(folder)).filter((name) => pattern.test(name)).map((name) => `${folder}/${name}`)
}

/** Those that this user may not use. */
async function without(files: MachineFiles, devices: readonly string[], mayUse: MayUse): Promise<readonly string[]> {
  const allowed = await Promise.all(devices.map((device) => mayUse(files.at(device))))
  return devices.filter((_, index) => allowed[index] === false)
}

async function deviceRights(files: MachineFiles, stream: string, barred: readonly string[]): Promise<readonly Finding[]> {
  const [first] = barred
  if (first === undefined) return []
  const group = (await ownership(files, first))?.group ?? 'video'
  const what = `${stream}: this user may not use ${barred.join(', ')} (group ${group}).`
  return [{ check: CHECK, severity: 'failed', what, why: 'libcamera opens them all to reach a camera.', remedy: joining(group) }]
}

function heapRights(stream: string, heaps: readonly string[]): Finding {
  const what = `${stream}: this user may not use any of ${heaps.join(', ')}.`
  return { check: CHECK, severity: 'failed', what, why: 'libcamera takes the memory of pictures from there.', remedy: `Run: ${HEAP_RULE}` }
}

import { readdir, readFile, realpath } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { FoundCameras } from './default-streams.ts'

/** Video nodes that are not cameras: codecs, scalers, and the raw ends of camera ports that only libcamera can drive. */
const NOT_CAMERAS = /codec|isp|hevc|rpivid|unicam|cfe|csi|loopback_out|pispbe|vim2m|vicodec|vimc|jpeg/i

/** A sensor on an I2C bus, as the kernel names it: `imx708_wide 10-001a`. Its picture reaches us through libcamera. */
const SENSOR = /\s\d+-[0-9a-f]{4}$/

/** Looks for cameras without opening one, in what the kernel says under /sys. */
export async function findCameras(folder = '/sys/class/video4linux'): Promise<FoundCameras> {
  const entries = await readdir(folder).catch(() => [] as string[]) // No such folder: no video device at all.
  const nodes = await Promise.all(entries.map((entry) => describeNode(join(folder, entry))))
  const cameras = nodes.filter(
    ({ entry, name, index, driver }) => /^video\d+$/.test(entry) && index === '0' && !NOT_CAMERAS.test(`${name} ${driver}`),
  )
  return {
    libcamera: nodes.some(({ entry, name }) => entry.startsWith('v4l-subdev') && SENSOR.test(name)),
    v4l2: cameras.map(({ entry }) => `/dev/${entry}`).sort((a, b) => a.localeCompare(b, 'en', { numeric: true })),
  }
}

async function describeNode(path: string): Promise<{ entry: string; name: string; index: string; driver: string }> {
  const text = (file: string) =>
    readFile(join(path, file), 'utf8').then(
      (content) => content.trim(),
      () => '',
    )
  const driver = await realpath(join(path, 'device', 'driver')).then(basename, () => '')
  return { entry: basename(path), name: await text('name'), index: (await text('index')) || '0', driver }
}

import { setTimeout as sleep } from 'node:timers/promises'
import { openDoorbells, openRing, openWriter } from 'hailort-node/ring'

// ring-child DOORBELLS RING FRAMES: in turn writes a frame that rings the bell, and sends a message, 2 ms apart.

const [bells = '', path = '', frames = '0'] = process.argv.slice(2)
const ring = openRing(path)
ring.useDoorbells(openDoorbells(bells))
const writer = openWriter(ring)
const { maxWidth: width, maxHeight: height } = ring.geometry
const pixels = new Uint8Array((width * height * 3) / 2)
for (let frame = 0; frame < Number(frames); frame++) {
  writer.write(pixels, { width, height, ptsNs: frame })
  await sleep(2)
  process.send?.(Number(process.hrtime.bigint()) / 1e6)
  await sleep(2)
}
writer.close()
process.disconnect()

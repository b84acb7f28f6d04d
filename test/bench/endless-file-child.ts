import { setImmediate as turn } from 'node:timers/promises'
import { openDoorbells, openRing, openWriter } from 'hailort-node/ring'

// endless-file-child DOORBELLS RING: a file that never ends, as fast as its lossless ring takes it; ends with its parent.

const [bells = '', path = ''] = process.argv.slice(2)
const ring = openRing(path)
ring.useDoorbells(openDoorbells(bells))
const writer = openWriter(ring)
const { maxWidth: width, maxHeight: height } = ring.geometry
const pixels = new Uint8Array((width * height * 3) / 2).fill(100)
for (let frame = 0; process.connected; frame++) {
  writer.write(pixels, { width, height, ptsNs: frame * 1e6 })
  await turn()
}
writer.close()

import { openRing, openWriter } from 'hailort-node/ring'
import { frameOf, isWhole } from './temporary-ring.ts'

// torn-child write PATH                    writes until it is killed
// torn-child read PATH ACCEPTED HEAD       reads until it accepted so many frames and the writer came so far; prints what it saw

const [mode, path = '', accepted = '0', head = '0'] = process.argv.slice(2)
const ring = openRing(path)
const { maxWidth: width, maxHeight: height } = ring.geometry
const bytes = (width * height * 3) / 2

if (mode === 'write') {
  const writer = openWriter(ring)
  for (let seq = 1; ; seq++) writer.write(frameOf(seq, bytes), { width, height, ptsNs: seq })
}

const target = new Uint8Array(bytes)
const words = new Uint32Array(target.buffer)
const seen = { accepted: 0, refused: 0, torn: 0 }
for (let turn = 0; seen.accepted < Number(accepted) || ring.head < Number(head); turn++) {
  // Mostly the oldest slots: those the writer is just coming to.
  const seq = ring.head - 3 + (turn % 3 === 0 ? 1 : 0)
  if (seq < 1) continue
  const info = ring.readFrame(seq, target)
  if (info === null) seen.refused++
  else if (info.seq === seq && info.ptsNs === seq && isWhole(words, seq)) seen.accepted++
  else seen.torn++
}
process.stdout.write(JSON.stringify(seen))

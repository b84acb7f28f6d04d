import { openDoorbells, openRing, openWriter, waitOnDoorbell } from 'hailort-node/ring'

// doorbell-child exit|stop|unref DOORBELLS INDEX   waits on a doorbell, and ends in the way named
// doorbell-child write DOORBELLS RING              writes one frame for each line on its input

const [mode, bells = '', third = ''] = process.argv.slice(2)
const doorbells = openDoorbells(bells)

if (mode === 'write') {
  const ring = openRing(third)
  ring.useDoorbells(doorbells)
  const writer = openWriter(ring)
  const { maxWidth: width, maxHeight: height } = ring.geometry
  process.stdin.on('data', () => writer.write(new Uint8Array((width * height * 3) / 2), { width, height, ptsNs: 0 }))
} else {
  const waiter = waitOnDoorbell(doorbells, Number(third), () => {
    process.stdout.write('rung\n')
    // While the native thread waits, in the three ways in which a process may end.
    if (mode === 'exit') process.exit(7)
    if (mode === 'stop') waiter.stop()
    if (mode === 'unref') waiter.unref()
  })
  process.stdout.write('waiting\n')
}

import { openDoorbells, openRing, openWriter } from 'hailort-node/ring'
import { writeFrame } from './rings-for-test.ts'

// Plays a camera of 100 fps in a process of its own, until it is killed.
const [ringPath = '', doorbellsPath = ''] = process.argv.slice(2)
const ring = openRing(ringPath)
ring.useDoorbells(openDoorbells(doorbellsPath))
const writer = openWriter(ring)
let index = 0
setInterval(() => writeFrame(writer, index++), 10)

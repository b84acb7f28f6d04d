import { createRequire } from 'node:module'

/** The little of gstreamer-superficial that is used here. */
interface Superficial {
  Pipeline: new (text: string) => { play(): void; stop(): void; pollBus(onMessage: (message: { type: string }) => void): void }
}

const { Pipeline } = createRequire(import.meta.url)('gstreamer-superficial') as Superficial
const [from, to] = process.argv.slice(2)
if (from === undefined || to === undefined) throw new Error('Takes the JPEG to read and the file to write the brightness to.')

const pipeline = new Pipeline(`filesrc location="${from}" ! jpegdec ! videoconvert ! video/x-raw,format=GRAY8 ! filesink location="${to}"`)
pipeline.pollBus(({ type }) => {
  if (type !== 'eos' && type !== 'error') return
  pipeline.stop()
  // This binding can hang in a regular exit.
  process.kill(process.pid, 'SIGKILL')
})
pipeline.play()

import { type RingSinkTarget, registerRingSink } from 'hailort-node/ringsink'
import { loadGStreamer } from '../../agent/capture/gstreamer.ts'
import { endProcess } from '../../agent/capture/process-end.ts'

/** One measurement: the same frames into a sink, and the CPU time of this process for them. */
export interface CaptureRoundOrder {
  readonly sink: 'fakesink' | 'hcringsink'
  readonly frames: number
  readonly target: RingSinkTarget
}

// A picture that costs next to nothing to make: a dear one would hide what the sinks cost.
const PICTURE = 'pattern=black'

const { Pipeline } = loadGStreamer()

process.on('message', ({ sink, frames, target }: CaptureRoundOrder) => {
  registerRingSink(target)
  const pipeline = new Pipeline(
    `videotestsrc num-buffers=${frames} ${PICTURE} ! video/x-raw,format=I420,width=640,height=480,framerate=30/1 ! ${sink} sync=false`,
  )
  const before = process.cpuUsage()
  pipeline.play()
  pipeline.pollBus(({ type, message }) => {
    if (type !== 'eos' && type !== 'error') return
    const { user, system } = process.cpuUsage(before)
    pipeline.stop()
    process.send?.(type === 'eos' ? (user + system) / frames : (message ?? 'failed'))
  })
})
process.once('disconnect', () => endProcess(0))

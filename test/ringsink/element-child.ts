import { hasElement, type RingSinkTarget, registerRingSink, seenFormat } from 'hailort-node/ringsink'
import { loadGStreamer } from '../../agent/capture/gstreamer.ts'
import { endProcess } from '../../agent/capture/process-end.ts'

/** What a test's pipeline came to. */
export interface ElementOutcome {
  readonly error: string | null
  readonly format: { readonly width: number; readonly height: number; readonly fps: number } | null
  readonly hasSink: boolean
}

// Plays one launch text to its end and says how it went: GStreamer is not loaded into the process of the tests, which could not end then.
process.on('message', ({ launch, target }: { launch: string; target: RingSinkTarget | null }) => {
  const { Pipeline } = loadGStreamer()
  registerRingSink(target)
  const pipeline = new Pipeline(launch)
  pipeline.play()
  pipeline.pollBus(({ type, message = '' }) => {
    if (type !== 'eos' && type !== 'error') return
    const outcome: ElementOutcome = { error: type === 'error' ? message : null, format: seenFormat(), hasSink: hasElement('hcringsink') }
    pipeline.stop()
    process.send?.(outcome, undefined, undefined, () => endProcess(0))
  })
})
process.once('disconnect', () => endProcess(0))

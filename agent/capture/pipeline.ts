import type { BusMessage, GStreamer, GstPipeline } from './gstreamer.ts'
import type { Launch } from './launch.ts'

/** While nothing has been heard of the pipeline itself. */
const ASK_AGAIN_EVERY_MS = 20
const ASK_AGAIN_TIMES = 25
const FLUSH = 1

/** The one pipeline of this process: made from a launch, told to play, heard through its bus. */
export class Pipeline {
  readonly #pipeline: GstPipeline
  #changed = false

  /** Throws what gst_parse_launch says. */
  constructor({ Pipeline: Made }: GStreamer, { text, sourceProperties }: Launch) {
    this.#pipeline = new Made(text)
    const source = Object.keys(sourceProperties).length === 0 ? undefined : this.#pipeline.findChild('source')
    if (source) Object.assign(source, sourceProperties)
  }

  play(onMessage: (message: BusMessage) => void): void {
    const hear = (message: BusMessage): void => {
      if (/^pipeline\d+$/.test(message._src_element_name)) this.#changed = true
      onMessage(message)
    }
    this.#pipeline.play()
    this.#pipeline.pollBus(hear)
    // When a pipeline cannot even leave its null state, gstreamer-superficial hands out one message and stops: the error behind it
    // is fetched by asking again. A pipeline that lives has said so at once.
    let asked = 0
    const again = setInterval(() => {
      if (this.#changed || ++asked > ASK_AGAIN_TIMES) clearInterval(again)
      else this.#pipeline.pollBus(hear)
    }, ASK_AGAIN_EVERY_MS)
  }

  /** Starts again at the beginning, without making anything anew; false when the source cannot. */
  rewind(): boolean {
    return this.#pipeline.seek(0, FLUSH)
  }

  /** null when the source has no end, or does not know it. */
  get durationMs(): number | null {
    const seconds = this.#pipeline.queryDuration()
    return seconds > 0 ? Math.round(seconds * 1_000) : null
  }

  /** May hang in a driver: whoever calls it bounds it (capture/process-end.ts). */
  stop(): void {
    this.#pipeline.stop()
  }
}

import { loadAddon } from './addon.ts'

/** What `hcringsink name=…` of a launch text writes to. Given before the pipeline is made: nothing of it stands in the launch text. */
export interface RingSinkTarget {
  readonly ringPath: string
  readonly doorbellsPath: string
  /** Polygons 0–1 of the upright picture, burned in (black) as the frame is copied. */
  readonly masks: readonly (readonly (readonly [number, number])[])[]
}

interface Addon {
  /**
   * Registers the GStreamer element `hcringsink` in this process (after gst_init: load gstreamer-superficial first).
   * `target` is used by the next element that starts; null leaves elements without a ring: they drop frames (for probing and benches).
   */
  registerRingSink(target: RingSinkTarget | null): void
  /** Frames the element has taken since the process started, whatever became of them. */
  framesTaken(): number
  /** The next end-of-stream is a loop's seam: mark the next frame `discontinuity`. */
  markDiscontinuity(): void
}

export const { registerRingSink, framesTaken, markDiscontinuity } = loadAddon('ringsink') as Addon

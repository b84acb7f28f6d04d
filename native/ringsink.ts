import { loadAddon } from './addon.ts'

/** What the next `hcringsink` that starts writes to. It is given here, not in the launch text: no path needs quoting. */
export interface RingSinkTarget {
  readonly ringPath: string
  readonly doorbellsPath: string
  /** Polygons 0–1 of the upright picture, burned in (black) as the frame is copied. */
  readonly masks: readonly (readonly (readonly [number, number])[])[]
}

/** What the last caps said that reached a sink of this process. */
export interface SeenFormat {
  readonly width: number
  readonly height: number
  /** As announced, else as measured from the time stamps; 0 when neither is known. */
  readonly fps: number
}

interface Addon {
  /**
   * Registers the GStreamer elements of headcount in this process and maps the ring:
   * `hcringsink ends=BOOL` writes frames into the ring (ends: an end of stream gets a slot of its own, else the next frame is a discontinuity);
   * `hcfit max-width=N max-height=N max-fps=N` scales down to fit and drops what is too many.
   * null: sinks without a ring, they count and drop (for probing and benches). Errors carry `code`: RING_MISSING, RING_FORMAT, RING_IO, GSTREAMER.
   */
  registerRingSink: (target: RingSinkTarget | null) => void
  /** Whether GStreamer's registry knows an element of this name. */
  hasElement: (name: string) => boolean
  /** Frames the sinks of this process have taken. */
  framesTaken: () => number
  /** null until caps have reached a sink. */
  seenFormat: () => SeenFormat | null
}

export const { registerRingSink, hasElement, framesTaken, seenFormat } = loadAddon('ringsink') as Addon

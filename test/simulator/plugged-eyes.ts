import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import koffi from 'koffi'
import { installRoot } from '../../agent/install-root.ts'
import type { DetectedBox } from '../../agent/tracking/track.ts'
import { skip } from '../support/skip.ts'

/** A frame as a simulated network is given it: RGB, tightly packed. */
export interface InputFrame {
  readonly width: number
  readonly height: number
  readonly rgb: Uint8Array
}

/** The functions of native/simulator/vision_plugin.h. */
interface Plugin {
  readonly open: (kind: string | null, file: string | null, error: Uint8Array | null, errorSize: number) => unknown
  readonly find: (
    eyes: unknown,
    rgb: Uint8Array | null,
    width: number,
    height: number,
    boxes: Uint8Array | null,
    capacity: number,
  ) => number
  readonly close: (eyes: unknown) => void
}

/** x1, y1, x2, y2, score as floats, the class as a whole number. */
const BOX_BYTES = 24

/**
 * libhailort-sim-vision.so, or null with the test skipped where it is not built (it needs OpenCV's headers). Never the build with
 * sanitizers: koffi calls on a stack of its own, which AddressSanitizer misjudges once an exception is thrown there.
 */
export function loadPlugin(): Plugin | null {
  const path = fileURLToPath(new URL('native/build/Release/libhailort-sim-vision.so', installRoot))
  if (!existsSync(path)) {
    skip('libhailort-sim-vision.so is not built')
    return null
  }
  const library = koffi.load(path)
  return {
    open: library.func('void *sim_vision_open(const char *kind, const char *file, void *error, size_t errorSize)'),
    find: library.func('int sim_vision_find(void *eyes, const void *rgb, uint32_t width, uint32_t height, void *boxes, size_t capacity)'),
    close: library.func('void sim_vision_close(void *eyes)'),
  }
}

/** Eyes of the simulator, called as the simulator calls them; closed with their scope. */
export class PluggedEyes implements Disposable {
  readonly #plugin: Plugin
  readonly #eyes: unknown

  private constructor(plugin: Plugin, eyes: unknown) {
    this.#plugin = plugin
    this.#eyes = eyes
  }

  /** Throws with the plugin's own line when it refuses. */
  static open(plugin: Plugin, kind: string, file = ''): PluggedEyes {
    const error = new Uint8Array(512)
    const eyes = plugin.open(kind, file, error, error.length)
    if (eyes === null) throw new Error(Buffer.from(error.subarray(0, error.indexOf(0))).toString())
    return new PluggedEyes(plugin, eyes)
  }

  /** 0–1 of the frame, in the order given. */
  find({ width, height, rgb }: InputFrame, capacity = 100): DetectedBox[] {
    const boxes = new Uint8Array(capacity * BOX_BYTES)
    const count = this.#plugin.find(this.#eyes, rgb, width, height, boxes, capacity)
    if (count < 0) throw new Error('sim_vision_find failed')
    const view = new DataView(boxes.buffer)
    return Array.from({ length: count }, (_, index) => {
      const value = (field: number) => view.getFloat32(index * BOX_BYTES + field * 4, true)
      const classId = view.getUint32(index * BOX_BYTES + 20, true)
      return { x1: value(0), y1: value(1), x2: value(2), y2: value(3), score: value(4), classId }
    })
  }

  [Symbol.dispose](): void {
    this.#plugin.close(this.#eyes)
  }
}

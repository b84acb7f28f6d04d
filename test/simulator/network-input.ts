import { Letterboxer } from 'hailort-node/letterbox'
import type { ClipFrame, ClipShape } from '../engine/detectors/clip-ring.ts'
import type { InputFrame } from './plugged-eyes.ts'

/** Makes frames into what a network of this input size is given: the picture in the middle, grey around it. */
export class NetworkInput {
  readonly #size: ClipShape
  readonly #letterboxer: InstanceType<typeof Letterboxer>
  readonly #planes: Float32Array

  constructor(size: ClipShape) {
    this.#size = size
    this.#letterboxer = new Letterboxer({ ...size, placing: 'centre', channels: 'rgb', gain: 1 })
    this.#planes = new Float32Array(3 * size.width * size.height)
  }

  async of({ ring, seq }: ClipFrame): Promise<InputFrame> {
    if ((await this.#letterboxer.letterbox({ ring: ring.handle, seq }, this.#planes)) === null) throw new Error('the frame was lost')
    const pixels = this.#planes.length / 3
    const rgb = new Uint8Array(this.#planes.length)
    for (let pixel = 0; pixel < pixels; pixel++)
      for (let colour = 0; colour < 3; colour++) rgb[3 * pixel + colour] = this.#planes[colour * pixels + pixel] ?? 0
    return { ...this.#size, rgb }
  }
}

/** A frame of one colour with rectangles of others painted on it, one after the other. */
export function painted(
  size: ClipShape,
  colour: readonly [number, number, number],
  rectangles: readonly {
    readonly x: number
    readonly y: number
    readonly width: number
    readonly height: number
    readonly colour: readonly [number, number, number]
  }[] = [],
): InputFrame {
  const rgb = new Uint8Array(3 * size.width * size.height)
  for (const each of [{ x: 0, y: 0, ...size, colour }, ...rectangles])
    for (let y = each.y; y < each.y + each.height; y++)
      for (let x = each.x; x < each.x + each.width; x++) rgb.set(each.colour, 3 * (y * size.width + x))
  return { ...size, rgb }
}

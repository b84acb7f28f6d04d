import type { HefChip } from './hef.ts'

/** [x1, y1, x2, y2, score, class], 0–1 of the network's input. */
export type ScriptedBox = readonly [number, number, number, number, number, number]

/** Who sees for a simulated network. */
export type SimulatedDetector =
  /** OpenCV's people detector. */
  | { readonly kind: 'hog' }
  /** A YOLOX or YOLOv8 ONNX file. */
  | { readonly kind: 'onnx'; readonly file: string }
  /** The n-th frame since configure has the n-th entry; after the last it begins again. */
  | { readonly kind: 'script'; readonly frames: readonly (readonly ScriptedBox[])[] }
  /** One person whose x1 is red ÷ 256 and y1 green ÷ 256 of the pixel in the middle, 0.1 wide, 0.2 high: tells frames apart. */
  | { readonly kind: 'echo' }

/** An output of a simulated network: NMS_BY_CLASS, or a quantised tensor. */
export type SimulatedOutput =
  | { readonly name: string; readonly nms: { readonly classes: number; readonly maxPerClass: number; readonly onCpu: boolean } }
  | {
      readonly name: string
      readonly shape: { readonly height: number; readonly width: number; readonly features: number }
      readonly type: 'uint8' | 'uint16'
      readonly quant: { readonly zeroPoint: number; readonly scale: number }
    }

/** What a simulated HEF holds behind its real header. */
export interface SimulatedNetwork {
  readonly name: string
  readonly input: { readonly name: string; readonly width: number; readonly height: number }
  readonly outputs: readonly SimulatedOutput[]
  /** Frames a second by batch size, interpolated; null: takes no time of its own. */
  readonly fps: Readonly<Record<string, number>> | null
  readonly detector: SimulatedDetector
}

/** What is written. */
export interface SimulatedHef {
  readonly chip: HefChip
  readonly sdkVersion: string
  readonly network: SimulatedNetwork
}

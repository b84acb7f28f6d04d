import { randomUUID } from 'node:crypto'
import { rename, rm, writeFile } from 'node:fs/promises'
import { HEF_MAGIC, type HefChip, HW_ARCH } from './hef.ts'
import { bytesField, numberField } from './protobuf.ts'

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

/** The header of version 1: magic, version, size of the protobuf, and zeros. */
const HEADER_BYTES = 28
const FORMAT_VERSION = 1
/** Always the same, so that one network has one sequence of bytes. */
const TIMESTAMP_MS = 1_735_689_600_000
/** The network's field of the protobuf, far above those of HailoRT. */
const NETWORK_FIELD = 1_000

/**
 * A HEF for the simulator: the header of a real one, so that whatever reads headers reads this one too, then the network as JSON in
 * field 1000 of the protobuf. A real library refuses it.
 */
export function simulatedHefBytes({ chip, sdkVersion, network }: SimulatedHef): Uint8Array {
  const told = Buffer.concat([numberField(1, HW_ARCH[chip]), numberField(2, TIMESTAMP_MS), bytesField(3, Buffer.from(sdkVersion))])
  const protobuf = Buffer.concat([bytesField(1, told), bytesField(NETWORK_FIELD, Buffer.from(JSON.stringify(network)))])
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeUInt32BE(HEF_MAGIC, 0)
  header.writeUInt32BE(FORMAT_VERSION, 4)
  header.writeUInt32BE(protobuf.length, 8)
  return Buffer.concat([header, protobuf])
}

/** Replaces the file at `path` whole: nobody ever reads half of one. */
export async function writeSimulatedHef(path: string, hef: SimulatedHef): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`
  try {
    await writeFile(temporary, simulatedHefBytes(hef))
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

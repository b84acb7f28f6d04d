import { setTimeout as sleep } from 'node:timers/promises'
import { type InferredFrame, library, type Model, scan, VDevice } from 'hailort-node/hailort'
import { chipName } from 'hailort-node/hef'
import { AgentError } from '../../errors.ts'
import { monotonicMs } from '../../ring/monotonic.ts'
import { type DetectedBox, PERSON } from '../../tracking/track.ts'
import type { DetectorOrder, NpuFacts } from '../messages.ts'
import type { DetectedFrame, Detector, DetectorFrame } from './detector.ts'
import { npuFault } from './hailo-fault.ts'
import { chooseHef } from './hef-choice.ts'
import { NpuMeter } from './npu-meter.ts'

type HailoOrder = Pick<DetectorOrder, 'model' | 'hefFolders' | 'devices' | 'scoreThreshold' | 'iouThreshold' | 'batchSize' | 'maxBatch'>

/** x1, y1, x2, y2, score, class */
const VALUES_A_BOX = 6
/** A healthy chip answers within milliseconds; a viewer's count is `unknown` after 2 s in any case. */
const TIMEOUT_MS = 1_000
/** Frames the chip itself takes at a time: the published speeds grow no further. */
const CHIP_BATCH = 8
/** A second batch waits in the library while the chip works on the first. */
const QUEUE_FRAMES = 8
/** A chip that refused to be used may be slow to let go: whoever asked need not wait for that. */
const REFUSED_CLOSE_MS = 1_000

/** A YOLO of the Model Zoo on a Hailo NPU, with its NMS on the chip or in HailoRT. */
export class HailoDetector implements Detector {
  readonly backend = 'hailo'
  readonly simulated: boolean
  readonly maxBatch = 16
  readonly maxInFlight = 2
  readonly npu: NpuMeter
  readonly #vdevice: VDevice
  readonly #model: Model
  #letterboxed = { ms: 0, frames: 0 }

  private constructor({ vdevice, model, facts, simulated, batchSize }: Opened) {
    this.#vdevice = vdevice
    this.#model = model
    this.simulated = simulated
    this.npu = new NpuMeter({
      facts,
      batchSize,
      counters: () => model.counters(),
      temperature: async () => {
        const { ts0, ts1 } = await vdevice.temperature()
        return Math.max(ts0, ts1)
      },
      nowMs: monotonicMs,
    })
  }

  /** Takes the first NPU of `devices` that opens and gives it the model. Throws AgentError. */
  static async open(order: HailoOrder): Promise<HailoDetector> {
    let found: readonly string[] | undefined
    try {
      const { version, simulated } = library()
      found = await scan()
      const vdevice = await openFirst(order.devices, found)
      return new HailoDetector({ ...(await configured(vdevice, order, version)), simulated, batchSize: order.batchSize })
    } catch (error) {
      throw npuFault(error, found?.length)
    }
  }

  async detect(frames: readonly DetectorFrame[]): Promise<readonly (DetectedFrame | null)[]> {
    try {
      this.npu.sent(frames.length)
      const answers = await this.#model.infer(frames.map(({ ring, seq }) => ({ ring: ring.handle, seq })))
      const letterboxMs = this.#letterboxMs()
      return answers.map((answer) => answer && detected(answer, letterboxMs))
    } catch (error) {
      throw npuFault(error)
    }
  }

  forget(_stream: string): void {
    // Nothing is learnt of a stream.
  }

  /** May take long when the chip hangs: whoever calls bounds it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#vdevice.close()
  }

  /** Mean of the frames since the last batch. */
  #letterboxMs(): number {
    const { letterboxMs: ms, frames } = this.#model.counters()
    const before = this.#letterboxed
    this.#letterboxed = { ms, frames }
    return (ms - before.ms) / Math.max(1, frames - before.frames)
  }
}

interface Configured {
  readonly vdevice: VDevice
  readonly model: Model
  readonly facts: NpuFacts
}

interface Opened extends Configured {
  readonly simulated: boolean
  readonly batchSize: number
}

async function openFirst(wanted: HailoOrder['devices'], found: readonly string[]): Promise<VDevice> {
  if (wanted === 'all') return VDevice.open()
  const here = wanted.filter((id) => found.includes(id))
  let last: unknown = new AgentError('NPU_MISSING', `None of the NPUs ${wanted.join(', ')} is there.`, {
    remedy: `Correct detector.devices; this machine has ${found.join(', ') || 'none'}.`,
  })
  for (const deviceId of here) {
    try {
      return await VDevice.open({ deviceId })
    } catch (error) {
      last = error
    }
  }
  throw last
}

async function configured(vdevice: VDevice, order: HailoOrder, libraryVersion: string): Promise<Configured> {
  try {
    const { architecture, firmwareVersion } = await vdevice.identify()
    const hef = order.model ?? (await chooseHef(order.hefFolders, architecture))
    const model = await vdevice.configure(hef, {
      batchSize: Math.min(order.maxBatch, CHIP_BATCH),
      timeoutMs: TIMEOUT_MS,
      queueSize: QUEUE_FRAMES,
      scoreThreshold: order.scoreThreshold,
      iouThreshold: order.iouThreshold,
      classes: [PERSON],
    })
    if (!model.outputs.some(({ nms }) => nms !== null)) {
      throw new AgentError('MODEL_UNSUPPORTED', `The model ${hef} gives no boxes: it has no NMS output.`, {
        remedy: 'Set detector.model to a detection HEF with NMS, for example yolov8s of the Model Zoo.',
      })
    }
    const deviceId = vdevice.deviceIds[0] ?? 'unknown'
    return { vdevice, model, facts: { deviceId, chip: chipName(architecture), firmwareVersion, libraryVersion, model: hef } }
  } catch (error) {
    await Promise.race([vdevice.close(), sleep(REFUSED_CLOSE_MS, undefined, { ref: false })])
    throw error
  }
}

function detected({ info, detections }: InferredFrame, letterboxMs: number): DetectedFrame {
  if (info === null) throw new Error('A frame of a ring came back without its header.')
  const boxes: DetectedBox[] = []
  for (let at = 0; at < detections.length; at += VALUES_A_BOX) {
    const [x1 = 0, y1 = 0, x2 = 0, y2 = 0, score = 0] = detections.subarray(at, at + VALUES_A_BOX)
    boxes.push({ x1, y1, x2, y2, score, classId: PERSON })
  }
  return { boxes, info, letterboxMs }
}

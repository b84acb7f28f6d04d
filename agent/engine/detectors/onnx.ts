import { once } from 'node:events'
import { access, constants } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { Letterboxer } from 'hailort-node/letterbox'
import { AgentError } from '../../errors.ts'
import type { DetectorOrder } from '../messages.ts'
import type { DetectedFrame, Detector, DetectorFrame } from './detector.ts'
import type { OnnxAnswer, OnnxRequest, OnnxWorkerOrder } from './onnx-worker.ts'
import type { Thresholds, YoloOutput } from './yolo.ts'

type OnnxOrder = Pick<DetectorOrder, 'model' | 'scoreThreshold' | 'iouThreshold'>

/** How long the thread may take to end by itself; it ends between two inferences. */
const CLOSE_MS = 2_000
/** What the thread keeps of a frame is small: its heap need not grow before it is tidied. */
const YOUNG_HEAP_MB = 2
const EXPORT_HINT =
  'Export it again with fixed sizes and batch 1 (for YOLOv8: yolo export model=… format=onnx imgsz=640 opset=12 simplify=True).'

/** A YOLOX or YOLOv8 model in ONNX Runtime, in a thread of its own. */
export class OnnxDetector implements Detector {
  readonly backend = 'onnx'
  readonly simulated = false
  readonly maxBatch = 1
  readonly maxInFlight = 1
  readonly npu = null
  /** What the model file turned out to be. */
  readonly output: YoloOutput
  readonly #worker: Worker
  readonly #thresholds: Thresholds
  readonly #letterboxer: Letterboxer
  /** Goes to the thread and comes back with every frame. */
  #input: Float32Array<ArrayBuffer>
  #underWay: Promise<unknown> = Promise.resolve()
  #closed = false

  private constructor(worker: Worker, output: YoloOutput, order: OnnxOrder) {
    this.#worker = worker
    this.output = output
    this.#thresholds = { score: order.scoreThreshold, iou: order.iouThreshold }
    const { kind, input } = output
    this.#letterboxer = new Letterboxer({
      ...input,
      ...(kind === 'yolox' ? { placing: 'topLeft', channels: 'bgr', gain: 1 } : { placing: 'centre', channels: 'rgb', gain: 1 / 255 }),
    })
    this.#input = new Float32Array(3 * input.width * input.height)
  }

  /** Loads the model and runs it once. */
  static async open(order: OnnxOrder): Promise<OnnxDetector> {
    const path = order.model ?? ''
    await access(path, constants.R_OK).catch((cause: unknown) => {
      throw new AgentError('MODEL_MISSING', `Cannot read the model "${path}".`, {
        remedy: 'Set detector.model to a YOLOX or YOLOv8 .onnx file that the service may read.',
        cause,
      })
    })
    // One core stays free for captures and for the engine itself.
    const workerData: OnnxWorkerOrder = { path, threads: Math.max(1, availableParallelism() - 1) }
    const worker = new Worker(new URL('./onnx-worker.js', import.meta.url), {
      workerData,
      name: 'onnx',
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_HEAP_MB },
    })
    const answer = await nextAnswer(worker)
    if (answer.type === 'ready') return new OnnxDetector(worker, answer.output, order)
    await worker.terminate()
    throw answer.type === 'failed' ? openFailure(path, answer) : new Error('The ONNX thread answered before it was asked.')
  }

  async detect(frames: readonly DetectorFrame[]): Promise<readonly (DetectedFrame | null)[]> {
    const results: (DetectedFrame | null)[] = []
    for (const frame of frames) {
      if (this.#closed) throw new Error('detect on a closed OnnxDetector')
      const one = this.#detectOne(frame)
      this.#underWay = one.catch(() => undefined)
      results.push(await one)
    }
    return results
  }

  forget(_stream: string): void {
    // Nothing is learnt of a stream.
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    // A thread that died by itself has said so to the call under way.
    const ended = once(this.#worker, 'exit').catch(() => undefined)
    await Promise.race([this.#underWay, ended])
    this.#post({ type: 'close' })
    await Promise.race([ended, sleep(CLOSE_MS, undefined, { ref: false })])
    await this.#worker.terminate()
  }

  async #detectOne({ ring, seq }: DetectorFrame): Promise<DetectedFrame | null> {
    const input = this.#input
    const startedMs = performance.now()
    const place = await this.#letterboxer.letterbox({ ring: ring.handle, seq }, input)
    if (place === null) return null
    const letterboxMs = performance.now() - startedMs
    const answered = nextAnswer(this.#worker)
    const { x, y, width, height, info } = place
    this.#post({ type: 'run', input, place: { x, y, width, height }, thresholds: this.#thresholds }, [input.buffer])
    const answer = await answered
    if (answer.type !== 'found') throw new Error('The ONNX thread gave no boxes.')
    this.#input = answer.input
    return { boxes: answer.boxes, info, letterboxMs }
  }

  #post(request: OnnxRequest, moved: ArrayBuffer[] = []): void {
    this.#worker.postMessage(request, moved)
  }
}

/** Rejects when the thread dies instead: what it died of is a bug, not a foreseen failure. */
async function nextAnswer(worker: Worker): Promise<OnnxAnswer> {
  const stop = new AbortController()
  const { signal } = stop
  try {
    return await Promise.race([
      once(worker, 'message', { signal }).then(([answer]) => answer as OnnxAnswer),
      once(worker, 'exit', { signal }).then(([code]) => {
        throw new Error(`The ONNX thread ended with ${String(code)}.`)
      }),
    ])
  } finally {
    stop.abort()
  }
}

function openFailure(path: string, { why, text }: Extract<OnnxAnswer, { type: 'failed' }>): AgentError {
  switch (why) {
    case 'runtime':
      return new AgentError('BACKEND_UNAVAILABLE', `ONNX Runtime cannot be loaded: ${text}`, {
        remedy: 'Run "npm ci --include=optional" in the folder of headcount, or set detector.backend to hog.',
      })
    case 'unreadable':
      return new AgentError('MODEL_UNREADABLE', `${path} is not an ONNX file: ${text}`, {
        remedy: 'Copy the file again, or name another one in detector.model.',
      })
    case 'unsupported':
      return new AgentError('MODEL_UNSUPPORTED', `The model ${path} cannot be used: ${text}`, { remedy: EXPORT_HINT })
  }
}

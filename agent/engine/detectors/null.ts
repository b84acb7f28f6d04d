import { setTimeout as sleep } from 'node:timers/promises'
import { type DetectedBox, PERSON } from '../../tracking/track.ts'
import type { DetectedFrame, Detector, DetectorFrame } from './detector.ts'

/** Three people who stand still, for every frame. */
const BOXES: readonly DetectedBox[] = [0.1, 0.4, 0.7].map((x) => ({ x1: x, y1: 0.3, x2: x + 0.1, y2: 0.8, score: 0.9, classId: PERSON }))
const MAX_BATCH = 16

/** Stands in for a device of known speed in tests and benches: waits so long a batch, off the event loop. */
export class NullDetector implements Detector {
  readonly backend: `null:${number}`
  readonly simulated = true
  readonly maxBatch = MAX_BATCH
  readonly maxInFlight = 1
  readonly npu = null
  readonly #batchMs: number

  constructor(batchMs: number) {
    this.backend = `null:${batchMs}`
    this.#batchMs = batchMs
  }

  async detect(frames: readonly DetectorFrame[]): Promise<readonly (DetectedFrame | null)[]> {
    // Like a real one: what is in the slot when the batch starts is what was seen.
    const infos = frames.map(({ ring, seq }) => ring.frameInfo(seq))
    await sleep(this.#batchMs)
    return infos.map((info) => info && { boxes: BOXES, info })
  }

  forget(_stream: string): void {
    // Nothing is learnt of a stream.
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Nothing is open.
  }
}

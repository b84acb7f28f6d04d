import { availableParallelism } from 'node:os'
import type { Ring } from 'hailort-node/ring'
import { type HogSearch, HogDetector as PeopleSearch, setThreads } from 'hailort-node/vision'
import { type DetectedBox, PERSON } from '../../tracking/track.ts'
import { sureScore } from '../../tracking/tracker.ts'
import type { DetectorOrder } from '../messages.ts'
import type { DetectedFrame, Detector, DetectorFrame } from './detector.ts'
import { evidenceOf, PROBE_MARGIN, type RoundOutcome, ScaleSearch } from './hog-scale.ts'
import { marginOfScore, type People, scoreOfMargin, sureMargin } from './hog-score.ts'
import { Things } from './hog-things.ts'

type HogOrder = Pick<DetectorOrder, 'hog' | 'scoreThreshold'>

/** x1, y1, x2, y2, margin */
const VALUES_A_BOX = 5
/** Finds more of the people on our clips, at less cost, than the default one. */
const BETTER_PEOPLE: People = 'daimler'
/** Is fooled by far fewer things, so it judges the scale, and finds people as long as that is a guess. */
const JUDGE: People = 'default'

/** What is learnt of a stream. */
interface View {
  readonly scale: ScaleSearch
  /** For as long as the scale is a guess. */
  readonly things: Things
}

/** How a frame is looked at. */
interface Look {
  readonly people: People
  readonly height: number
  /** The margin from which on somebody is surely there. */
  readonly sure: number
}

/** OpenCV's HOG people detector on the CPU; finds out by itself how large people are in each stream. */
export class HogDetector implements Detector {
  readonly backend = 'hog'
  readonly simulated = false
  readonly maxBatch = 1
  readonly maxInFlight = 1
  readonly npu = null
  readonly #order: HogOrder
  readonly #search = new PeopleSearch()
  readonly #views = new Map<string, View>()
  readonly #recalled = new Map<string, number>()
  #underWay: Promise<unknown> = Promise.resolve()

  constructor(order: HogOrder) {
    this.#order = order
    setThreads(availableParallelism())
  }

  async detect(frames: readonly DetectorFrame[]): Promise<readonly (DetectedFrame | null)[]> {
    const results: (DetectedFrame | null)[] = []
    for (const frame of frames) {
      const one = this.#detectOne(frame)
      this.#underWay = one.catch(() => undefined)
      results.push(await one)
    }
    return results
  }

  /** The height at which the stream's picture is searched. */
  learnt(stream: string): number | null {
    const scale = this.#views.get(stream)?.scale
    return scale?.known === true ? scale.height : null
  }

  recall(stream: string, height: number): void {
    this.#recalled.set(stream, height)
  }

  forget(stream: string): void {
    this.#views.delete(stream)
    this.#recalled.delete(stream)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#underWay
    this.#search.close()
  }

  async #detectOne(frame: DetectorFrame): Promise<DetectedFrame | null> {
    const shape = frame.ring.frameInfo(frame.seq)
    if (shape === null) return null
    const { searchHeight } = this.#order.hog
    if (searchHeight !== 'auto') return this.#detectWith(frame, this.#lookAt(shape, { height: searchHeight, known: true }))
    const { scale, things } = this.#viewOf(frame.stream, shape)
    // Detection goes first: in a live ring the frame may be gone by the end of the probes.
    const look = this.#lookAt(shape, scale)
    const found = await this.#detectWith(frame, look)
    if (found === null) return null
    const boxes = scale.known ? found.boxes : things.without(found.boxes, scoreOfMargin(PROBE_MARGIN, look.sure))
    const sure = boxes.filter(({ score }) => score >= sureScore(this.#order.scoreThreshold))
    const heights = scale.frame(sure.length)
    const guess = scale.guessing
    const outcome = await this.#probeAll(frame, heights, scale)
    if (!scale.known) things.learn(found.boxes, outcome)
    return { ...found, boxes, guess }
  }

  #viewOf(stream: string, shape: Shape): View {
    const view = this.#views.get(stream) ?? { scale: new ScaleSearch(shape, this.#recalled.get(stream)), things: new Things() }
    this.#views.set(stream, view)
    return view
  }

  #lookAt(shape: Shape, { height, known }: { height: number; known: boolean }): Look {
    const { hog } = this.#order
    const people = hog.people !== 'auto' ? hog.people : known ? BETTER_PEOPLE : JUDGE
    const sure = hog.hitThreshold === 'auto' ? sureMargin(people, (height ** 2 * shape.width) / shape.height) : hog.hitThreshold
    return { people, height, sure }
  }

  async #detectWith(frame: DetectorFrame, { people, height, sure }: Look): Promise<DetectedFrame | null> {
    const least = marginOfScore(this.#order.scoreThreshold, sure)
    const found = await this.#search.detect(frameRef(frame), this.#searchOf(people, height, least))
    return found && { boxes: boxesOf(found.boxes, (margin) => scoreOfMargin(margin, sure)), info: found.info }
  }

  /** What a round of probes has shown that ended with this frame; null: none did. */
  async #probeAll(frame: DetectorFrame, heights: readonly number[], scale: ScaleSearch): Promise<RoundOutcome | null> {
    let outcome: RoundOutcome | null = null
    for (const height of heights) {
      const evidence = await this.#probe(frame, height)
      if (evidence === null) break
      outcome = scale.learn({ height, evidence })
    }
    return outcome
  }

  async #probe(frame: DetectorFrame, searchHeight: number): Promise<number | null> {
    const found = await this.#search.detect(frameRef(frame), this.#searchOf(JUDGE, searchHeight, PROBE_MARGIN))
    return found && evidenceOf([...found.boxes].filter((_, index) => index % VALUES_A_BOX === VALUES_A_BOX - 1))
  }

  #searchOf(people: People, searchHeight: number, hitThreshold: number): HogSearch {
    const { stride, scale } = this.#order.hog
    return { people, searchHeight, stride, scale, hitThreshold }
  }
}

interface Shape {
  readonly width: number
  readonly height: number
}

function frameRef({ ring, seq }: { readonly ring: Ring; readonly seq: number }) {
  return { ring: ring.handle, seq }
}

function boxesOf(values: Float32Array, scoreOf: (margin: number) => number): DetectedBox[] {
  const boxes: DetectedBox[] = []
  for (let at = 0; at < values.length; at += VALUES_A_BOX) {
    const [x1 = 0, y1 = 0, x2 = 0, y2 = 0, margin = 0] = values.subarray(at, at + VALUES_A_BOX)
    boxes.push({ x1, y1, x2, y2, score: scoreOf(margin), classId: PERSON })
  }
  return boxes
}

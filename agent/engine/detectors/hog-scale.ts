/** One probe: the picture searched at this height by the classifier that is hard to fool. */
export interface Probe {
  readonly height: number
  /** How many people it saw, each weighted by how sure it was: `evidenceOf`. */
  readonly evidence: number
}

/** Whether a round of probes left a trace of somebody at some height. */
export type RoundOutcome = 'somebody' | 'nobody'

/** Steps of a quarter: a person is found well from 80 to 200 pixels, so neighbours see much the same people. */
const LADDER = [96, 120, 150, 190, 240, 300, 375, 470, 585, 720, 900, 1080]
/** The largest picture worth its time, and what may be searched in addition to a frame's own detection. */
const MOST_PIXELS = 1_000_000
/** Enlarging further adds no detail. */
const MOST_ENLARGEMENT = 2
/** Before anybody was seen: people of a third of the picture's height, the usual view of a room. */
const FIRST_GUESS = 300

/** A round that saw less than this on every scale proves nothing. */
const LEAST_EVIDENCE = 0.25
/** An empty view leaves no trace at all: from here on somebody may be there who is hardly seen. */
const TRACE = 0.1
/** In sum over the rounds, before anything is chosen: one person surely seen, not a shadow. */
const LEAST_TO_CHOOSE = 1
/** Frames after which even a guess has to do: traces of one person add up to a choice within some six rounds of three to five frames. */
const MOST_GUESSES = 30
/** Each round fades by this much with the next one. */
const FADING = 0.85
/** The lowest scale that sees this share of what the best one sees: less to search, fewer false finds. */
const GOOD_ENOUGH = 0.8
/** What a large search sees more may be chance, as long as it is less than one person in all, and no more than the lower one sees. */
const CHANCE = { most: 1, share: 0.5 } as const
/** A chosen scale is left upwards only when it sees less than this share. */
const NO_LONGER_GOOD = 0.7

/** Frames from the end of a round to the next one. */
const PAUSE = { settled: 300, emptyView: 50, nobodyYet: 10, learning: 0, doubting: 10 } as const
/** A choice is looked at again at once this often … */
const QUICK_ROUNDS = 3
/**
 * … and then at pauses that double with each round that sees somebody: rounds in a row see one person in one posture, of whom the
 * classifier may see bits only. When they are as long as they get, the choice is trusted.
 */
const SETTLED_ROUNDS = QUICK_ROUNDS + Math.ceil(Math.log2(PAUSE.settled / PAUSE.doubting))
/** Frames without a person found after which the scale itself is in doubt. */
const EMPTY_VIEW = 100
/** Rounds without anybody after which a new stream is left in peace a little. */
const PATIENCE_ROUNDS = 5

/** Windows count from this margin of the default people classifier on, and fully from the second: the same on every scale. */
const EVIDENCE_FROM = 0.8
const EVIDENCE_FULL = 1.6

/** The least margin that a probe needs to be told of. */
export const PROBE_MARGIN = EVIDENCE_FROM

/** What one probe proves, from the margins of the people it found. */
export function evidenceOf(margins: readonly number[]): number {
  const weights = margins.map((margin) => (margin - EVIDENCE_FROM) / (EVIDENCE_FULL - EVIDENCE_FROM))
  return weights.reduce((sum, weight) => sum + Math.min(1, Math.max(0, weight)), 0)
}

/**
 * Finds the height at which one stream's picture is best searched: people are only found when they are some 100 pixels tall
 * there. Probes go through all heights in rounds, a bounded number of pixels a frame; rounds without anybody in view change
 * nothing, so an empty room neither makes a choice nor freezes one. At first nothing can be said of whom a search misses: until
 * the choice has found somebody, or the first round nobody (three to five frames for the usual shapes of pictures), and where traces
 * come and go never for more than 30 frames. Knows no clock: it counts frames.
 */
export class ScaleSearch {
  readonly #heights: readonly number[]
  readonly #aspect: number
  readonly #evidence: Map<number, number>
  #height: number
  #round: Probe[] = []
  #known = false
  #guessing: boolean
  #frames = 0
  /** Each trace of somebody takes one more round that shows none. */
  #roundsToShowNobody = 1
  #informative = 0
  #emptyRounds = 0
  #pause = 0
  #framesEmpty = 0

  /** `recalled` is the height an earlier search of the same view has chosen. */
  constructor(frame: { readonly width: number; readonly height: number }, recalled?: number) {
    this.#aspect = frame.width / frame.height
    const usable = LADDER.filter((height) => height * height * this.#aspect <= MOST_PIXELS && height <= MOST_ENLARGEMENT * frame.height)
    this.#heights = usable.length > 0 ? usable : [Math.min(...LADDER)]
    this.#evidence = new Map(this.#heights.map((height) => [height, 0]))
    this.#guessing = this.#heights.length > 1
    this.#height = this.#heights.reduce((best, height) => (Math.abs(height - FIRST_GUESS) < Math.abs(best - FIRST_GUESS) ? height : best))
    if (recalled !== undefined && this.#heights.includes(recalled)) {
      this.#height = recalled
      this.#known = true
      this.#informative = SETTLED_ROUNDS
      this.#evidence.set(recalled, LEAST_TO_CHOOSE)
      // Detection first: it may find somebody at once, and then nothing needs to be found out.
      this.#pause = PAUSE.nobodyYet
    }
  }

  /** The height to search at now. */
  get height(): number {
    return this.#height
  }

  /** True once somebody was surely seen; until then the height is a guess. */
  get known(): boolean {
    return this.#known
  }

  /** True until somebody was found at a height that is known, or rounds have shown that nobody is in view at any height. */
  get guessing(): boolean {
    return this.#guessing
  }

  /** True once enough was seen to look again only from time to time. */
  get settled(): boolean {
    return this.#informative >= SETTLED_ROUNDS
  }

  /** Takes one frame in which detection found so many people, and returns the heights to probe with it. */
  frame(peopleFound: number): readonly number[] {
    this.#frames++
    if (this.#frames >= MOST_GUESSES || (this.#known && peopleFound > 0)) this.#guessing = false
    this.#framesEmpty = peopleFound > 0 ? 0 : this.#framesEmpty + 1
    if (this.#heights.length < 2) return []
    if (this.#round.length === 0 && this.#pause > 0) {
      this.#pause = Math.min(this.#pause, this.#pauseNow()) - 1
      return []
    }
    const left = this.#heights.slice(this.#round.length)
    let pixels = 0
    return left.filter((height, index) => {
      pixels += height * height * this.#aspect
      return index === 0 || pixels <= MOST_PIXELS
    })
  }

  /**
   * Takes the next probe's outcome; probes come in the order asked for, and a lost one may be left out to be asked for again. Says what
   * a round has shown that ends with it; null: it goes on.
   */
  learn(probe: Probe): RoundOutcome | null {
    this.#round.push(probe)
    if (this.#round.length < this.#heights.length) return null
    const round = this.#round
    this.#round = []
    const most = Math.max(...round.map(({ evidence }) => evidence))
    this.#roundsToShowNobody += most < TRACE ? -1 : 1
    if (this.#roundsToShowNobody === 0) this.#guessing = false
    if (most < LEAST_EVIDENCE) this.#emptyRounds++
    else this.#take(round)
    this.#pause = this.#pauseNow()
    return most < TRACE ? 'nobody' : 'somebody'
  }

  #take(round: readonly Probe[]): void {
    this.#emptyRounds = 0
    for (const { height, evidence } of round) this.#evidence.set(height, FADING * (this.#evidence.get(height) ?? 0) + evidence)
    const most = Math.max(...this.#evidence.values())
    if (most < LEAST_TO_CHOOSE) return
    this.#known = true
    this.#informative++
    const share = (height: number) => (this.#evidence.get(height) ?? 0) / most
    const enough = Math.min(GOOD_ENOUGH, Math.max(1 - CHANCE.most / most, CHANCE.share))
    const wanted = this.#heights.find((height) => share(height) >= enough) ?? this.#height
    // Above the wanted height the same people are seen at a higher price; below it a little less is tolerated than for a new choice.
    if (wanted < this.#height || share(this.#height) < NO_LONGER_GOOD || !this.settled) this.#height = wanted
  }

  #pauseNow(): number {
    const unseen = this.#emptyRounds >= PATIENCE_ROUNDS ? PAUSE.nobodyYet : PAUSE.learning
    if (!this.#known) return unseen
    if (this.#framesEmpty >= EMPTY_VIEW) return PAUSE.emptyView
    if (this.#informative < QUICK_ROUNDS) return unseen
    return Math.min(PAUSE.settled, PAUSE.doubting * 2 ** (this.#informative - QUICK_ROUNDS))
  }
}

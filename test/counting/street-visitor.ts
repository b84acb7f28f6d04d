/** Where somebody goes next, in body heights right of the line, and how long they stay there. */
interface Leg {
  readonly to: number
  readonly staysS: number
}

/** What the tracker has of a visitor in one look. */
export interface Seen {
  readonly id: number
  readonly place: number
  readonly down: number
  readonly confirmed: boolean
  readonly predicted: boolean
}

/** The edges of the picture. */
const EDGE = 8
/** Boxes are this wrong, in body heights. */
const TREMBLE = 0.05
/** Who lingers on the line sways this far; with the trembling it is not clearly on the other side yet. */
const SWAY = 0.12
/** Between these distances from the line somebody is now and then seen on its other side, in one look: two of them would be evidence. */
const CERTAIN = { from: 1.2, to: 1.8 }
const CONFIRMING_LOOKS = 3
const STEADY_LOOKS = 6
const LONGEST_GAP_S = 1.2
/** How often a second somebody is lost. */
const GAPS_PER_S = 0.08
/** How many looks find the box in a wrong place. */
const WRONG_SHARE = 0.01

/** Somebody made up who walks over the line, stands, turns back on it or lingers there, and is now and then not seen or another track. */
export class Visitor {
  readonly #random: () => number
  readonly #newId: () => number
  readonly #legs: readonly Leg[]
  readonly #start: number
  readonly #speed: number
  #place: number
  #leg = 0
  #stayedS = 0
  #id: number
  #looks = 0
  #unseenS = 0
  #swayedS = 0
  #sinceWrong = STEADY_LOOKS

  constructor(random: () => number, newId: () => number) {
    this.#random = random
    this.#newId = newId
    this.#id = newId()
    const side = random() < 0.5 ? -1 : 1
    this.#start = side * EDGE
    this.#place = this.#start
    this.#speed = 0.5 + random() * 0.6
    this.#legs = planOf(random, side)
  }

  /** Where the ways begin and end, from edge to edge; 0 is on the line. */
  get places(): number[] {
    return [this.#start, ...this.#legs.map(({ to }) => to)]
  }

  get isGone(): boolean {
    return this.#leg === this.#legs.length
  }

  /** Time passes; null: not in this look. */
  step(afterMs: number): Seen | null {
    const afterS = afterMs / 1_000
    this.#walk(afterS)
    if (this.#unseenS > 0) return this.#unseen(afterS)
    this.#looks++
    this.#sinceWrong++
    // Two looks more pass unseen than the time says.
    if (this.#isSteady() && this.#random() < GAPS_PER_S * afterS) this.#unseenS = this.#random() * longestGapS(this.#speed) - 2 * afterS
    const sway = this.#leg < this.#legs.length && this.#legs[this.#leg]?.to === 0 ? SWAY * Math.sin(this.#swayedS * 3) : 0
    return this.#seen((this.#isWrong() ? -this.#place : this.#place) + sway, false)
  }

  #walk(afterS: number): void {
    const leg = this.#legs[this.#leg]
    if (leg === undefined) return
    const way = leg.to - this.#place
    const step = this.#speed * afterS
    if (Math.abs(way) > step) {
      this.#place += Math.sign(way) * step
      return
    }
    this.#place = leg.to
    this.#stayedS += afterS
    this.#swayedS += afterS
    if (this.#stayedS < leg.staysS) return
    this.#leg++
    this.#stayedS = 0
  }

  #unseen(afterS: number): Seen | null {
    this.#unseenS -= afterS
    // The motion model walks on for a moment, not always where the person goes.
    if (this.#unseenS > 0) return this.#random() < 0.3 ? this.#seen(this.#place + (this.#random() - 0.5), true) : null
    this.#looks = 0
    if (this.#random() < 0.5) this.#id = this.#newId()
    else this.#looks = CONFIRMING_LOOKS
    return null
  }

  #seen(place: number, predicted: boolean): Seen {
    return {
      id: this.#id,
      place: place + (this.#random() - 0.5) * 2 * TREMBLE,
      down: (this.#random() - 0.5) * 2 * TREMBLE,
      confirmed: predicted || this.#looks >= CONFIRMING_LOOKS,
      predicted,
    }
  }

  #isWrong(): boolean {
    const distance = Math.abs(this.#place)
    const isWrong =
      this.#isSteady() && this.#unseenS <= 0 && distance > CERTAIN.from && distance < CERTAIN.to && this.#random() < WRONG_SHARE
    if (isWrong) this.#sinceWrong = 0
    return isWrong
  }

  #isSteady(): boolean {
    return this.#looks > STEADY_LOOKS && this.#sinceWrong > STEADY_LOOKS
  }
}

/** So long nobody goes farther than a lost person is looked for: 0.4 body heights and 0.8 a second, at most 1.2. */
function longestGapS(speed: number): number {
  return Math.min(LONGEST_GAP_S, 1 / speed, speed > 0.8 ? 0.25 / (speed - 0.8) : LONGEST_GAP_S)
}

function planOf(random: () => number, side: number): Leg[] {
  const stays = (leastS: number, mostS: number) => leastS + random() * (mostS - leastS)
  const [away, back] = [-side * EDGE, side * EDGE]
  const draw = random()
  if (draw < 0.4) return [{ to: away, staysS: 0 }]
  if (draw < 0.6) {
    const window = { to: 3 + random() * 3, staysS: stays(5, 120) }
    return [window, { to: random() < 0.5 ? away : back, staysS: 0 }]
  }
  if (draw < 0.7)
    return [
      { to: -side * stays(1.3, 1.9), staysS: stays(0, 2) },
      { to: back, staysS: 0 },
    ]
  if (draw < 0.85)
    return [
      { to: 0, staysS: 0 },
      { to: back, staysS: 0 },
    ]
  return [
    { to: 0, staysS: stays(5, 60) },
    { to: random() < 0.5 ? away : back, staysS: 0 },
  ]
}

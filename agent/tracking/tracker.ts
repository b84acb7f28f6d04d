import { associateByDistance, associateByOverlap, type Pair } from './association.ts'
import { inPicture, iou, isInView, mayBePartOf, usableBoxes } from './boxes.ts'
import { boxOf, correctMotion, type Motion, predictMotion, startMotion, stopGrowth } from './motion.ts'
import type { DetectedBox, Track } from './track.ts'

export interface TrackerSettings {
  /** Weaker boxes are as good as none; tracks start from `sureScore` of it on. */
  readonly scoreThreshold: number
  /** Inferences a track is found in before it counts; in the `FIRST_LOOKS` one is enough. */
  readonly confirmFrames: number
  /** Inferences a confirmed track is remembered without being found. */
  readonly buffer: number
}

interface Followed {
  readonly id: number
  readonly classId: number
  readonly motion: Motion
  readonly score: number
  readonly hits: number
  /** Of them, the last ones by unsure boxes. */
  readonly unsureHits: number
  /** Inferences since it was found last. */
  readonly missed: number
  readonly lostMs: number
  readonly confirmed: boolean
  /** Began as what may be a part of somebody else. */
  readonly partly: boolean
}

/**
 * Looks at a new picture in which a sure box counts at once, and after which a count can be trusted: when a camera or an engine comes
 * back, whoever is seen did not appear that moment, and nobody confirmed yet would read as nobody there.
 */
export const FIRST_LOOKS = 2
/** After a gap as long as this a picture is new. */
const NEW_AFTER_MS = 2_000
/** The most objects followed at a time: as many as a result block holds. */
const MOST_TRACKS = 128
/** A confirmed track not found for this many inferences, for no more than it was found in, and no longer than this time, is still in view. */
const COAST_INFERENCES = 3
const COAST_MS = 1_500
/** After so many unsure boxes in a row a track needs a sure one again: a lamp post must not keep a passer-by for ever. */
const MOST_UNSURE = 4
/** What may be a part of somebody already followed is found so many times as often before it counts. */
const PARTLY_CONFIRM = 2
/** An unconfirmed track may be missed this often. */
const TENTATIVE_MISSES = 1
/** Forgotten after this time, however few inferences there were: what comes back later is somebody else. */
const LOST_LIMIT_MS = 5_000
/** Longer gaps say nothing more about a motion. */
const LONGEST_STEP_MS = 3_000
const LEAST_IOU = 0.3
const LEAST_IOU_LOW = 0.4
/** A box that covers a track already found in this frame this far is the same person seen twice. */
const SAME_IOU = 0.7

/**
 * From which score on a box starts a track, 0.6 for the default threshold of 0.3. Detectors report every box from the threshold on;
 * those in between only help to keep somebody in view who is half hidden. A detector whose raw scores mean something else maps them
 * so that what it would call a person by itself lies at this score.
 */
export function sureScore(scoreThreshold: number): number {
  return Math.min(2 * scoreThreshold, (1 + scoreThreshold) / 2)
}

/** 1, 2, 3, … */
export function countFromOne(): () => number {
  let last = 0
  return () => ++last
}

/**
 * Follows the objects of one picture (ByteTrack's idea: first the sure boxes, then the unsure ones for those not yet found).
 * Ids are from 1 and never used again, not even after `reset`. Knows no clock: times come with the frames.
 */
export class Tracker {
  readonly #settings: TrackerSettings
  readonly #sureScore: number
  #tracks: readonly Followed[] = []
  #timeMs = 0
  /** Looks at this picture. */
  #looks = 0
  readonly #nextId: () => number

  /** `nextId` lets trackers that follow each other go on numbering. */
  constructor(settings: TrackerSettings, nextId = countFromOne()) {
    this.#settings = settings
    this.#nextId = nextId
    this.#sureScore = sureScore(settings.scoreThreshold)
  }

  /** Takes the boxes a detector found in the frame of `timeMs` and returns the tracks in view, by id. */
  step(detections: readonly DetectedBox[], timeMs: number): Track[] {
    const gapMs = this.#stepTo(timeMs)
    this.#looks = gapMs > NEW_AFTER_MS ? 1 : this.#looks + 1
    const boxes = usableBoxes(detections, this.#settings.scoreThreshold)
    const remembered = this.#tracks.filter(({ lostMs }) => lostMs + gapMs <= LOST_LIMIT_MS)
    const stepS = Math.min(gapMs, LONGEST_STEP_MS) / 1_000
    const expected = remembered.map((track) => ({ ...track, motion: predictMotion(track.motion, stepS) }))
    const confirmed = expected.filter((track) => track.confirmed)

    const sure = boxes.filter(({ score }) => score >= this.#sureScore)
    const unsure = boxes.filter(({ score }) => score < this.#sureScore)
    const first = associateByOverlap(confirmed, sure, LEAST_IOU)
    const second = associateByOverlap(
      first.tracks.filter((track) => isInCoast(track) && track.unsureHits < MOST_UNSURE),
      unsure,
      LEAST_IOU_LOW,
    )
    const third = associateByDistance(without(first.tracks, second.pairs), first.detections)
    const begun = expected.filter((track) => !track.confirmed)
    const fourth = associateByOverlap(begun, third.detections, LEAST_IOU)
    const fifth = associateByDistance(fourth.tracks, fourth.detections)

    const found = [first, second, third, fourth, fifth].flatMap(({ pairs }) => pairs)
    const continued = found.map(({ track, detection }) => this.#continue(track, detection))
    const missed = without(expected, found).map((track) => miss(track, gapMs))
    const kept = [...continued, ...missed.filter((track) => this.#isKept(track))]
    const fresh = fifth.detections.filter((box) => !continued.some((track) => iou(boxOf(track.motion), box) > SAME_IOU))
    this.#tracks = bounded([...kept, ...fresh.slice(0, MOST_TRACKS).map((box) => this.#start(box, continued))])
    return this.predict(timeMs)
  }

  /** The tracks in view at `timeMs` without a look at the picture, none when the last look is too long ago; changes nothing. */
  predict(timeMs: number): Track[] {
    const aheadMs = timeMs > this.#timeMs ? timeMs - this.#timeMs : 0
    if (aheadMs > LONGEST_STEP_MS) return []
    return this.#tracks.flatMap((track) => {
      if (!isInCoast(track)) return []
      const box = boxOf(aheadMs > 0 ? predictMotion(track.motion, aheadMs / 1_000) : track.motion)
      if (!isInView(box)) return []
      const { id, score, classId, confirmed, missed } = track
      return [{ ...inPicture(box), id, score, classId, confirmed, predicted: missed > 0 || aheadMs > 0 }]
    })
  }

  /** Forgets everybody, for a picture that has nothing to do with the last one. */
  reset(): void {
    this.#tracks = []
    this.#looks = 0
  }

  /** Moves the clock of the tracks; a time that runs backwards, or is none, stands still. */
  #stepTo(timeMs: number): number {
    if (!Number.isFinite(timeMs)) return 0
    const gapMs = Math.max(0, timeMs - this.#timeMs)
    this.#timeMs = timeMs
    return gapMs
  }

  #start(box: DetectedBox, others: readonly Followed[]): Followed {
    const { classId, score } = box
    const partly = others.some((one) => one.confirmed && one.classId === classId && mayBePartOf(box, boxOf(one.motion)))
    const confirmed = this.#looks <= FIRST_LOOKS || this.#settings.confirmFrames <= 1
    return { id: this.#nextId(), classId, motion: startMotion(box), score, hits: 1, unsureHits: 0, missed: 0, lostMs: 0, confirmed, partly }
  }

  #continue(track: Followed, box: DetectedBox): Followed {
    const hits = track.hits + 1
    const unsureHits = box.score < this.#sureScore ? track.unsureHits + 1 : 0
    const confirmed = track.confirmed || hits >= this.#settings.confirmFrames * (track.partly ? PARTLY_CONFIRM : 1)
    return { ...track, motion: correctMotion(track.motion, box), score: box.score, hits, unsureHits, missed: 0, lostMs: 0, confirmed }
  }

  #isKept(track: Followed): boolean {
    return isInView(boxOf(track.motion)) && track.missed <= (track.confirmed ? this.#settings.buffer : TENTATIVE_MISSES)
  }
}

function isInCoast({ confirmed, hits, missed, lostMs }: Followed): boolean {
  return missed === 0 || (confirmed && missed <= Math.min(hits, COAST_INFERENCES) && lostMs <= COAST_MS)
}

/** Missing an unconfirmed track takes a hit away: what shows up every other time is never confirmed. */
function miss(track: Followed, gapMs: number): Followed {
  const hits = track.confirmed ? track.hits : track.hits - 1
  return { ...track, hits, missed: track.missed + 1, lostMs: track.lostMs + gapMs, motion: stopGrowth(track.motion) }
}

function without(tracks: readonly Followed[], pairs: readonly Pair<Followed>[]): Followed[] {
  const paired = new Set(pairs.map(({ track }) => track.id))
  return tracks.filter(({ id }) => !paired.has(id))
}

/** By id, and no more than we follow: those not found for longest go first, then the youngest. */
function bounded(tracks: readonly Followed[]): readonly Followed[] {
  if (tracks.length <= MOST_TRACKS) return tracks.toSorted((a, b) => a.id - b.id)
  const dearest = tracks.toSorted((a, b) => a.missed - b.missed || Number(b.confirmed) - Number(a.confirmed) || a.id - b.id)
  return dearest.slice(0, MOST_TRACKS).sort((a, b) => a.id - b.id)
}

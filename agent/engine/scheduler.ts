/** What a ring shows now of one stream. */
export interface Offer {
  readonly stream: string
  /** live: only this frame is of interest. lossless: every frame up to it. 0 = none. */
  readonly newest: number
  /** lossless: no further frame comes before some are released, or none comes at all. */
  readonly urgent: boolean
}

/** How a stream is to be served, from its attach order. */
export interface StreamPlan {
  readonly lossless: boolean
  readonly detectFps: number
  readonly weight: number
  /** Frames up to this one are done with. */
  readonly after: number
}

/** One frame to infer. */
export interface Pick {
  readonly stream: string
  readonly seq: number
}

/** Frames for the detector, all live or all of one lossless stream. */
export interface Batch {
  readonly lossless: boolean
  readonly frames: readonly Pick[]
}

export interface SchedulerSettings {
  /** Frames of a file are worth a batch from here on; live frames never wait for others. */
  readonly batchSize: number
  /** The most the detector takes. */
  readonly maxBatch: number
  readonly maxInFlight: number
}

interface Entry extends StreamPlan {
  /** The last frame given out. */
  taken: number
  /** live: when the next inference is due. */
  dueMs: number
  /** lossless: since when frames wait for a batch to fill. */
  waitingSinceMs: number | null
  /** Frames ÷ weight: who has least goes first. */
  served: number
}

const BATCH_WAIT_MS = 20
/** Frames come a little early or late; one that comes this part of an interval too early is taken, the plan moves on by whole intervals. */
const EARLY_SHARE = 0.25
/** The part of the device's time that a pending file may have whatever the live streams want. */
const FILE_SHARE = 0.1
const SHARE_OVER_MS = 10_000
const LIVE_ACTIVE_MS = 1_000

/**
 * Decides which frames the detector gets next. live: the newest frame of each stream that is due, those served least first.
 * lossless: all frames in order, in batches; live goes before, but a file has its share. Pure: knows no clock and no ring.
 */
export class Scheduler {
  readonly #settings: SchedulerSettings
  readonly #entries = new Map<string, Entry>()
  /** How far fairness has come: newcomers and returners start here, with no claim on the past. */
  #virtual = 0
  #liveMs = 0
  #fileMs = 0
  #lastLive = { atMs: -Infinity, frames: 0 }
  #filesInFlight = 0

  constructor(settings: SchedulerSettings) {
    this.#settings = settings
  }

  add(stream: string, plan: StreamPlan): void {
    this.#entries.set(stream, { ...plan, taken: plan.after, dueMs: -Infinity, waitingSinceMs: null, served: this.#virtual })
  }

  remove(stream: string): void {
    this.#entries.delete(stream)
  }

  /** The next batch, or null: nothing is due, or enough is in flight. What it returns counts as taken. */
  next(offers: readonly Offer[], inFlight: number, nowMs: number): Batch | null {
    if (inFlight >= this.#settings.maxInFlight) return null
    const live = this.#dueLive(offers, nowMs)
    const file = this.#readyFile(offers, inFlight, nowMs)
    const fileFirst = live.length === 0 || this.#fileMs < FILE_SHARE * (this.#fileMs + this.#liveMs)
    if (file !== null && fileFirst) return this.#takeFile(file, nowMs)
    return live.length > 0 ? this.#takeLive(live, nowMs) : null
  }

  /** The device has spent `tookMs` on a batch. */
  done({ lossless }: Batch, tookMs: number): void {
    if (lossless) this.#fileMs += tookMs
    else this.#liveMs += tookMs
    if (lossless) this.#filesInFlight--
    if (this.#liveMs + this.#fileMs < SHARE_OVER_MS) return
    this.#liveMs /= 2
    this.#fileMs /= 2
  }

  /** Milliseconds until a batch that is not full goes all the same; null: nothing waits. */
  wakeInMs(nowMs: number): number | null {
    const since = [...this.#entries.values()].flatMap(({ waitingSinceMs }) => (waitingSinceMs === null ? [] : [waitingSinceMs]))
    return since.length === 0 ? null : Math.max(1, Math.min(...since) + BATCH_WAIT_MS - nowMs)
  }

  #dueLive(offers: readonly Offer[], nowMs: number): { offer: Offer; entry: Entry }[] {
    return offers
      .flatMap((offer) => {
        const entry = this.#entries.get(offer.stream)
        if (entry === undefined || entry.lossless || offer.newest <= entry.taken) return []
        return nowMs < entry.dueMs - (EARLY_SHARE * 1_000) / entry.detectFps ? [] : [{ offer, entry }]
      })
      .sort((a, b) => a.entry.served - b.entry.served)
  }

  #readyFile(offers: readonly Offer[], inFlight: number, nowMs: number): { offer: Offer; entry: Entry } | null {
    const liveActive = this.#isLiveActive(nowMs)
    // With live streams about, one place stays free for them: they never wait behind two batches of a file.
    const blocked = liveActive && this.#settings.maxInFlight > 1 && this.#filesInFlight > 0 && inFlight > 0
    const ready = offers.flatMap((offer) => {
      const entry = this.#entries.get(offer.stream)
      if (!entry?.lossless) return []
      const waiting = offer.newest - entry.taken
      if (waiting <= 0) {
        entry.waitingSinceMs = null
        return []
      }
      entry.waitingSinceMs ??= nowMs
      const goes = waiting >= this.#settings.batchSize || offer.urgent || nowMs - entry.waitingSinceMs >= BATCH_WAIT_MS
      return goes && !blocked ? [{ offer, entry }] : []
    })
    return ready.sort((a, b) => a.entry.served - b.entry.served)[0] ?? null
  }

  #takeLive(due: readonly { offer: Offer; entry: Entry }[], nowMs: number): Batch {
    const chosen = due.slice(0, this.#settings.maxBatch)
    for (const { offer, entry } of chosen) {
      entry.taken = offer.newest
      const intervalMs = 1_000 / entry.detectFps
      entry.dueMs = Math.max(entry.dueMs, nowMs - intervalMs / 2) + intervalMs
      this.#serve(entry, 1)
    }
    this.#lastLive = { atMs: nowMs, frames: chosen.length }
    return { lossless: false, frames: chosen.map(({ offer: { stream, newest } }) => ({ stream, seq: newest })) }
  }

  #takeFile({ offer, entry }: { offer: Offer; entry: Entry }, nowMs: number): Batch {
    const most = this.#isLiveActive(nowMs) ? Math.min(this.#settings.maxBatch, this.#lastLive.frames) : this.#settings.maxBatch
    const count = Math.min(offer.newest - entry.taken, most)
    const first = entry.taken + 1
    entry.taken += count
    entry.waitingSinceMs = null
    this.#serve(entry, count)
    this.#filesInFlight++
    return { lossless: true, frames: Array.from({ length: count }, (_, index) => ({ stream: offer.stream, seq: first + index })) }
  }

  #isLiveActive(nowMs: number): boolean {
    return nowMs - this.#lastLive.atMs < LIVE_ACTIVE_MS
  }

  #serve(entry: Entry, frames: number): void {
    this.#virtual = Math.max(this.#virtual, entry.served)
    entry.served = Math.max(entry.served, this.#virtual - 1 / entry.weight) + frames / entry.weight
  }
}

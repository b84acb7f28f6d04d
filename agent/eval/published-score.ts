import { type ComparedFrame, shareOf } from './frames.ts'

/** How well the count that MQTT would have told agrees with the truth, in time. Null where nothing can be said. */
export interface PublishedScore {
  /** Mean of |published count − true count|, over frames the truth is sure of and a count was published for. */
  readonly publishedMae: number | null
  /**
   * How late a true change is told: the median, over lasting changes that were told, of the time from the first frame the truth is
   * sure of with the new count to the first with that count published. 0 when it was already. What was never told is not in it: see
   * `changesTold` beside `lastingChanges`.
   */
  readonly publishedDelayMs: number | null
  /** True changes from one count that lasted at least a second to another that did; shorter ones in between are passed over. */
  readonly lastingChanges: number
  /** Of them, those whose new count was published while it was true. */
  readonly changesTold: number
  /** Changes of the published count over the whole clip, and of the true one over the frames the truth is sure of, a minute. */
  readonly publishedChangesPerMinute: number | null
  readonly trueChangesPerMinute: number | null
}

/** True counts that lasted less need not be told. */
const LASTING_MS = 1_000

/** Scores what would have been published. `frameMs` is the time one frame is shown. */
export function scorePublished(frames: readonly ComparedFrame[], frameMs: number): PublishedScore {
  const sure = frames.filter(({ real }) => !real.ambiguous)
  const errors = sure.flatMap(({ published, real }) => (published === null ? [] : [Math.abs(published - real.count)]))
  const delays = lastingChanges(sure, frameMs).map((change) => toldAfterMs(change, frames))
  const told = delays.filter((delay) => delay !== null)
  const known = frames.flatMap(({ published }) => published ?? [])
  const perMinute = (counts: readonly number[]) => (frames.length === 0 ? null : (60_000 * changesIn(counts)) / (frames.length * frameMs))
  return {
    publishedMae: shareOf(errors, (error) => error),
    publishedDelayMs: medianOf(told),
    lastingChanges: delays.length,
    changesTold: told.length,
    publishedChangesPerMinute: perMinute(known),
    trueChangesPerMinute: perMinute(sure.map(({ real }) => real.count)),
  }
}

/** A true count, from its first sure frame to the next sure one with another. */
interface Stretch {
  readonly count: number
  readonly fromMs: number
  readonly toMs: number
}

function lastingChanges(sure: readonly ComparedFrame[], frameMs: number): Stretch[] {
  const lasting = stretchesOf(sure, frameMs).filter(({ fromMs, toMs }) => toMs - fromMs >= LASTING_MS)
  return lasting.filter(({ count }, index) => index > 0 && count !== lasting[index - 1]?.count)
}

function stretchesOf(sure: readonly ComparedFrame[], frameMs: number): Stretch[] {
  const starts = sure.filter(({ real }, index) => real.count !== sure[index - 1]?.real.count)
  const endMs = (sure.at(-1)?.ptsMs ?? 0) + frameMs
  return starts.map(({ real, ptsMs }, index) => ({ count: real.count, fromMs: ptsMs, toMs: starts[index + 1]?.ptsMs ?? endMs }))
}

function toldAfterMs({ count, fromMs, toMs }: Stretch, frames: readonly ComparedFrame[]): number | null {
  const told = frames.find(({ ptsMs, published }) => ptsMs >= fromMs && ptsMs < toMs && published === count)
  return told === undefined ? null : told.ptsMs - fromMs
}

function changesIn(counts: readonly number[]): number {
  return counts.filter((count, index) => index > 0 && count !== counts[index - 1]).length
}

function medianOf(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b)
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]]
  return low === undefined || high === undefined ? null : (low + high) / 2
}

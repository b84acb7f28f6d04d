/** The two engines of a detection, as they are now. */
export interface Engines {
  /** Who has the rings; null: nobody yet, or nobody any more. */
  readonly serving: 'primary' | 'fallback' | null
  readonly primary: {
    readonly ready: boolean
    /** How long something has been wrong with it, in milliseconds; null: nothing is, it works or only starts. */
    readonly wrongForMs: number | null
    /** What is wrong with it does not pass by itself. */
    readonly lasting: boolean
    /** It fails again and again: not before this time, in milliseconds, is it given streams that the CPU can have. 0: at once. */
    readonly restLeftMs: number
  }
  /** null: nothing stands in. */
  readonly fallback: { readonly running: boolean; readonly ready: boolean } | null
}

/** stay: nothing to do before `lookAgainMs` (null: before something changes). Rings move to the fallback only when that can infer, too. */
export type Move =
  | { readonly type: 'stay'; readonly lookAgainMs: number | null }
  | { readonly type: 'toPrimary' }
  | { readonly type: 'startFallback' }
  | { readonly type: 'toFallback' }
  | { readonly type: 'endFallback' }

const STAY: Move = { type: 'stay', lookAgainMs: null }

/** What is to be done so that somebody looks at the streams: the primary engine whenever it can, else what stands in for it. Pure. */
export function nextMove(engines: Engines, fallbackAfterMs: number): Move {
  const { serving, primary, fallback } = engines
  if (primary.ready) return moveOfReady(engines)
  if (fallback === null) return STAY
  if (fallback.running) return fallback.ready && serving !== 'fallback' ? { type: 'toFallback' } : STAY
  if (primary.wrongForMs === null) return STAY
  const restMs = primary.lasting || primary.restLeftMs > 0 ? 0 : fallbackAfterMs - primary.wrongForMs
  return restMs > 0 ? { type: 'stay', lookAgainMs: restMs } : { type: 'startFallback' }
}

/** The primary engine can infer: it gets the streams, unless it is to rest and the CPU can have them. */
function moveOfReady({ serving, primary: { restLeftMs }, fallback }: Engines): Move {
  const rests = restLeftMs > 0 && fallback !== null
  if (rests && fallback.ready) return serving === 'fallback' ? { type: 'stay', lookAgainMs: restLeftMs } : { type: 'toFallback' }
  if (serving !== 'primary') return { type: 'toPrimary' }
  return fallback?.running && !rests ? { type: 'endFallback' } : STAY
}

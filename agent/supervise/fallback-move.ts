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
export function nextMove({ serving, primary, fallback }: Engines, fallbackAfterMs: number): Move {
  if (primary.ready) {
    if (serving !== 'primary') return { type: 'toPrimary' }
    return fallback?.running ? { type: 'endFallback' } : STAY
  }
  if (fallback === null) return STAY
  if (fallback.running) return fallback.ready && serving !== 'fallback' ? { type: 'toFallback' } : STAY
  if (primary.wrongForMs === null) return STAY
  const restMs = primary.lasting ? 0 : fallbackAfterMs - primary.wrongForMs
  return restMs > 0 ? { type: 'stay', lookAgainMs: restMs } : { type: 'startFallback' }
}

/** No setting lies deeper than a handful of levels. */
export const MOST_LEVELS = 32

/**
 * Whether a value from outside is nested deeper than anything we know. What walks through values later (comparing, printing, writing YAML)
 * does so by recursion: a few thousand brackets would end the process.
 */
export function isTooDeep(value: unknown): boolean {
  let level: readonly unknown[] = [value]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MOST_LEVELS) return true
    level = level.flatMap((each): unknown[] => (typeof each === 'object' && each !== null ? Object.values(each) : []))
  }
  return false
}

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
    // Aliases of YAML show one value in many places, and may hold themselves: each is looked into once a level.
    level = [...new Set(level.filter(isGroup))].flatMap((each): unknown[] => Object.values(each))
  }
  return false
}

function isGroup(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

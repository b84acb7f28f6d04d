/** Where a value comes from; a later one in this list wins. */
export type Origin = 'default' | 'file' | 'overrides' | 'environment'

export type Tree = Record<string, unknown>

export interface Layer {
  readonly origin: Origin
  readonly values: Tree
}

/** True of a map of keys. */
export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A list whose entries have keys of their own. */
function isTreeList(value: unknown): value is Tree[] {
  return Array.isArray(value) && value.length > 0 && value.every(isTree)
}

/** Later layers over earlier ones, key by key; lists are replaced whole. */
export function mergeTrees(under: Tree, over: Tree): Tree {
  const merged: Tree = { ...under }
  for (const [key, value] of Object.entries(over)) {
    const below = merged[key]
    define(merged, key, isTree(below) && isTree(value) ? mergeTrees(below, value) : value)
  }
  return merged
}

/** Sets an own key, whatever its name: `__proto__` in a file is an unknown key and nothing more. */
export function define(tree: Tree, key: string, value: unknown): void {
  Object.defineProperty(tree, key, { value, enumerable: true, configurable: true, writable: true })
}

/** Keys without a value count as not written: `mqtt:` alone on a line asks for the defaults. */
export function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty)
  if (!isTree(value)) return value
  const kept: Tree = {}
  for (const [key, inner] of Object.entries(value)) if (inner !== null) define(kept, key, withoutEmpty(inner))
  return kept
}

/** Every value with its path; goes into groups of keys and lists of such groups, not into points and polygons. */
export function* leaves(value: unknown, path: readonly PropertyKey[] = []): Generator<{ path: readonly PropertyKey[]; value: unknown }> {
  if (isTree(value) && Object.keys(value).length > 0) {
    for (const [key, inner] of Object.entries(value)) yield* leaves(inner, [...path, key])
  } else if (isTreeList(value)) {
    for (const [index, inner] of value.entries()) yield* leaves(inner, [...path, index])
  } else {
    yield { path, value }
  }
}

/** Which layer gave the value at `path`. Later layers win; a list hides all of the lists below it. */
export function originAt(layers: readonly Layer[], path: readonly PropertyKey[]): Origin {
  for (const { origin, values } of layers.toReversed()) {
    const found = look(values, path)
    if (found === 'here') return origin
    if (found === 'hidden') return 'default'
  }
  return 'default'
}

function look(values: Tree, path: readonly PropertyKey[]): 'here' | 'hidden' | 'absent' {
  let value: unknown = values
  let inList = false
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return inList ? 'hidden' : 'absent'
    inList ||= Array.isArray(value)
    value = (value as Record<PropertyKey, unknown>)[step]
  }
  return value === undefined ? 'absent' : 'here'
}

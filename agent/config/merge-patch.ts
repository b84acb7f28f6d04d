import { define, isTree, type Tree } from './layers.ts'

/** A tree with a patch applied as in RFC 7396: key by key, `null` takes a key away; lists are replaced whole. */
export function applyPatch(tree: Tree, patch: Tree): Tree {
  const patched: Tree = { ...tree }
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) Reflect.deleteProperty(patched, key)
    else define(patched, key, isTree(value) ? applyPatch(treeAt(patched, key), value) : value)
  }
  return patched
}

/**
 * One patch that does to `tree` what `before` and then `patch` do. A `null` stays in it only where the tree has something; a group of keys
 * is taken away key by key, so that one of them can be given again without the others.
 */
export function mergePatches(before: Tree, patch: Tree, tree: Tree): Tree {
  const merged: Tree = { ...before }
  for (const [key, value] of Object.entries(patch)) {
    const below = Object.hasOwn(tree, key) ? tree[key] : undefined
    if (isTree(value)) define(merged, key, mergePatches(earlierAt(before, key, below), value, treeAt(tree, key)))
    else if (value !== null) define(merged, key, value)
    else if (below === undefined) Reflect.deleteProperty(merged, key)
    else define(merged, key, isTree(below) ? nulls(below) : null)
  }
  return merged
}

/** What an earlier patch does to a group; one that put something else in its place has taken it away. */
function earlierAt(before: Tree, key: string, below: unknown): Tree {
  if (!Object.hasOwn(before, key)) return {}
  const earlier = before[key]
  if (isTree(earlier)) return earlier
  return isTree(below) ? nulls(below) : {}
}

function nulls(tree: Tree): Tree {
  const taken: Tree = {}
  for (const [key, value] of Object.entries(tree)) define(taken, key, isTree(value) ? nulls(value) : null)
  return taken
}

function treeAt(tree: Tree, key: string): Tree {
  const value = Object.hasOwn(tree, key) ? tree[key] : undefined
  return isTree(value) ? value : {}
}

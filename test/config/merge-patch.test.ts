import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isTree, type Tree } from '../../agent/config/layers.ts'
import { applyPatch, mergePatches } from '../../agent/config/merge-patch.ts'

const test = suite('merge patches')

test('do what RFC 7396 says', () => {
  // The examples of its appendix A whose target and patch are objects.
  const examples: readonly [tree: Tree, patch: Tree, result: Tree][] = [
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ]
  for (const [tree, patch, result] of examples) assert.equal(applyPatch(tree, patch), result, JSON.stringify({ tree, patch }))
})

test('take an own key of any name, and no other', () => {
  const patch = JSON.parse('{"__proto__": {"a": 1}, "constructor": {"b": 2}, "toString": null}') as Tree
  const patched = applyPatch({}, patch)
  assert.is(Object.getPrototypeOf(patched), Object.prototype)
  assert.equal(Object.keys(patched), ['__proto__', 'constructor'])
  assert.equal(Object.keys(mergePatches({}, patch, {})), ['__proto__', 'constructor'])
  assert.is(({} as Tree)['a'], undefined)
})

/** Without groups in which nothing stands: they say nothing. */
function pruned(tree: Tree): Tree {
  const kept = Object.entries(tree).map(([key, value]) => [key, isTree(value) ? pruned(value) : value] as const)
  return Object.fromEntries(kept.filter(([, value]) => !isTree(value) || Object.keys(value).length > 0))
}

test('two become one that does the same', () => {
  let seed = 7
  const random = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor(seed / 65_536) % below
  }
  const anyTree = (values: readonly unknown[], depth = 2): Tree => {
    const tree: Tree = {}
    for (const key of ['a', 'b', 'c']) {
      const kind = random(depth > 0 ? 4 : 2)
      if (kind === 1) tree[key] = values[random(values.length)]
      if (kind > 1) tree[key] = anyTree(values, depth - 1)
    }
    return tree
  }
  for (let round = 0; round < 20_000; round++) {
    const tree = anyTree([1, 2, [3]])
    const [first, second, third] = [anyTree([1, 4, null, null]), anyTree([5, null, null]), anyTree([6, [7], null])]
    const one = mergePatches(mergePatches(mergePatches({}, first, tree), second, tree), third, tree)
    const result = applyPatch(applyPatch(applyPatch(tree, first), second), third)
    assert.equal(pruned(applyPatch(tree, one)), pruned(result), JSON.stringify({ tree, first, second, third }))
  }
})

test.run()

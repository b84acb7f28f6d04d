import { leaves, type Tree } from './layers.ts'

/** Keys that are checked already but do nothing in this version. Whoever makes one work takes it out. */
const NOT_YET = new Set(['streams.device', 'streams.priority', 'jobs'])

/** One note for each key that somebody set in vain: a zone that counts nobody must not look like an empty one. */
export function notYetNotes(values: Tree): string[] {
  const set = new Set<string>()
  for (const { path, value } of leaves(values)) {
    const empty = Array.isArray(value) && value.length === 0
    const names = path.filter((step) => typeof step === 'string')
    const known = names.map((_, index) => names.slice(0, index + 1).join('.')).find((name) => NOT_YET.has(name))
    if (known && !empty) set.add(known)
  }
  return [...set].map((name) => `${name.replace(/^streams\./, 'streams[].')} is set but does nothing in this version yet.`)
}

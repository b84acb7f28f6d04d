import type { z } from 'zod'

/** As much of zod's definitions as we walk. */
interface Definition {
  readonly type: string
  readonly innerType?: z.core.$ZodType
  readonly in?: z.core.$ZodType
  readonly shape?: Readonly<Record<string, z.core.$ZodType>>
  readonly element?: z.core.$ZodType
  readonly items?: readonly z.core.$ZodType[]
}

const definition = (schema: z.core.$ZodType) => schema._zod.def as unknown as Definition

/** The schema without defaults, optionality and transforms around it. */
function bare(schema: z.core.$ZodType): z.core.$ZodType {
  const { innerType, in: input } = definition(schema)
  const inner = innerType ?? input
  return inner ? bare(inner) : schema
}

/** Keys of an object schema; empty for anything else. */
export function keysOf(schema: z.core.$ZodType | null): readonly string[] {
  return schema ? Object.keys(definition(bare(schema)).shape ?? {}) : []
}

/** What a path of keys and indexes leads to, or null. */
export function schemaAt(root: z.core.$ZodType, path: readonly PropertyKey[]): z.core.$ZodType | null {
  let schema: z.core.$ZodType | undefined = root
  for (const step of path) {
    const { shape, element, items } = definition(bare(schema))
    schema = typeof step === 'number' ? (element ?? items?.[step]) : shape?.[String(step)]
    if (!schema) return null
  }
  return schema
}

/** Paths of all keys that are not groups of keys themselves; lists are one key. */
export function settingPaths(schema: z.core.$ZodType, path: readonly string[] = []): readonly (readonly string[])[] {
  const keys = keysOf(schema)
  if (keys.length === 0) return [path]
  return keys.flatMap((key) => {
    const child = schemaAt(schema, [key])
    return child ? settingPaths(child, [...path, key]) : []
  })
}

/** `streams[0].frame.width` */
export function keyText(path: readonly PropertyKey[]): string {
  return path.map((step, index) => (typeof step === 'number' ? `[${step}]` : `${index === 0 ? '' : '.'}${String(step)}`)).join('')
}

/** The known name a mistyped one stands for, or null. */
export function nearestName(name: string, known: readonly string[]): string | null {
  const plain = (text: string) => text.toLowerCase().replace(/[-_ ]/g, '')
  const wanted = plain(name)
  const ranked = known
    .map((candidate) => ({ candidate, distance: editDistance(wanted, plain(candidate)) }))
    .sort((a, b) => a.distance - b.distance)
  const best = ranked[0]
  return best && best.distance <= Math.max(1, Math.floor(Math.min(wanted.length, best.candidate.length) / 3)) ? best.candidate : null
}

/** Insertions, deletions, replacements and swaps of neighbours it takes from one word to the other. */
function editDistance(from: string, to: string): number {
  const rows = [Array.from({ length: to.length + 1 }, (_, index) => index)]
  const at = (row: number, column: number) => rows[row]?.[column] ?? Number.POSITIVE_INFINITY
  for (let i = 1; i <= from.length; i++) {
    const row = [i]
    rows.push(row)
    for (let j = 1; j <= to.length; j++) {
      const same = from[i - 1] === to[j - 1]
      const swapped = from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]
      row.push(Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + (same ? 0 : 1), swapped ? at(i - 2, j - 2) + 1 : Infinity))
    }
  }
  return at(from.length, to.length)
}

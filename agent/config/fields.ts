import { z } from 'zod'
import { polygonProblem } from './geometry.ts'
import type { Problem } from './problem.ts'
import { sourceProblem } from './source-text.ts'

/** Adds a problem found by our own check to what zod found. */
export function addProblem(context: z.core.$RefinementCtx, { problem, remedy }: Problem, path: PropertyKey[] = []): void {
  context.addIssue({ code: 'custom', message: problem, params: { remedy }, path })
}

/** A check that says in words what is wrong. */
function checked<Schema extends z.ZodType>(schema: Schema, check: (value: z.output<Schema>) => Problem | null): Schema {
  return schema.superRefine((value, context) => {
    const problem = check(value)
    if (problem) addProblem(context, problem)
  })
}

/** Ids stand in topics, file names, URLs and Home Assistant's unique ids, and are keys of objects: only what all of them take. */
export const id = checked(z.string(), (text) =>
  /^(?!__proto__$)[a-z0-9_][a-z0-9_-]{0,47}$/.test(text)
    ? null
    : { problem: 'is not a valid id', remedy: `Write 1 to 48 of the characters a-z 0-9 _ -, for example "${suggestedId(text)}".` },
)

function suggestedId(text: string): string {
  return (
    text
      .normalize('NFKD')
      .toLowerCase()
      .replace(/[^a-z0-9_-]+/g, '_')
      .replace(/^[-_]+|[-_]+$/g, '')
      .slice(0, 48) || 'door'
  )
}

/** A file or folder; `<state>/` in front means the state folder. */
export const path = checked(z.string(), (text) =>
  /^(\/|<state>\/)[^\0\n]*$/.test(text)
    ? null
    : { problem: 'is not an absolute path', remedy: 'Write the whole path, beginning with "/".' },
)

/** 0–1 of the upright picture. */
const fraction = z.number().min(0).max(1)

/** [x, y], origin top-left. */
export const point = z.tuple([fraction, fraction])

/** At least three corners that span an area and do not cross themselves. */
export const polygon = checked(z.array(point).min(3).max(64), polygonProblem)

/** Where pictures come from, as a person writes it; capture/source.ts takes it apart. */
export const source = checked(z.string(), sourceProblem)

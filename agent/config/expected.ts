import { z } from 'zod'

/** As much of JSON Schema as our own schema turns into. */
interface Shape {
  readonly description?: string
  readonly type?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly multipleOf?: number
  readonly minItems?: number
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly Shape[]
  readonly items?: Shape
  readonly prefixItems?: readonly Shape[]
}

/** What may stand at a key, in words: "a whole number from 1 to 16". */
export function expectedText(schema: z.core.$ZodType): string {
  const shape = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Shape
  const text = words(shape)
  return text === 'text' && shape.description ? `text: ${shape.description.replace(/\.$/, '')}` : text
}

function words(shape: Shape): string {
  if (shape.const !== undefined) return JSON.stringify(shape.const).replaceAll('"', '')
  if (shape.enum) return `one of ${shape.enum.join(', ')}`
  if (shape.anyOf) return shape.anyOf.map(words).join(' or ')
  switch (shape.type) {
    case 'integer':
      return `${shape.multipleOf === 2 ? 'an even' : 'a whole'} number${range(shape)}${multiple(shape)}`
    case 'number':
      return `a number${range(shape)}`
    case 'boolean':
      return 'true or false'
    case 'array':
      return shape.prefixItems
        ? 'a point [x, y]'
        : `a list${shape.minItems ? ` of at least ${shape.minItems}` : ''}${shape.items?.prefixItems ? ' points [x, y], 0 to 1' : ''}`
    case 'object':
      return 'keys with values'
    default:
      return 'text'
  }
}

function range({ minimum, maximum }: Shape): string {
  return minimum === undefined || maximum === undefined ? '' : ` from ${minimum} to ${maximum}`
}

function multiple({ multipleOf }: Shape): string {
  return multipleOf === undefined || multipleOf <= 2 ? '' : `, a multiple of ${multipleOf}`
}

const UNITS: readonly (readonly [RegExp, string])[] = [
  [/Ms$/, 'in milliseconds'],
  [/Seconds$/, 'in seconds'],
  [/Hours$/, 'in hours'],
  [/Days$/, 'in days'],
  [/Mb$/, 'in megabytes'],
  [/^(width|height|searchHeight|stride)$/, 'in pixels'],
  [/fps$/i, 'per second'],
  [/^rotate$/, 'in degrees'],
]

/** The unit of a key, from its name; empty when it has none. */
export function unitText(key: PropertyKey | undefined): string {
  return UNITS.find(([pattern]) => pattern.test(String(key ?? '')))?.[1] ?? ''
}

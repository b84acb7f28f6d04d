/** What a template sees. */
export type Scope = Readonly<Record<string, unknown>>

type Expression = (scope: Scope) => unknown

/** A template that Home Assistant would log an error about. */
export class TemplateError extends Error {}

const TOKEN = /\s*(?:(\d+(?:\.\d+)?)|('(?:[^'\\]|\\.)*')|([A-Za-z_]\w*)|(==|!=|[()[\]{}.,:|*]))/y

/**
 * The part of Jinja that headcount's discovery uses (jinja.palletsprojects.com/templates, "Expressions"), as strict as Home Assistant:
 * a field of what is not defined is an error, nothing is forgiven. Throws TemplateError for anything else.
 */
export function parseTemplate(text: string): (scope: Scope) => string {
  const [, body] = /^\{\{((?:(?!\{\{|\}\}).)*)\}\}$/s.exec(text) ?? []
  if (body === undefined) throw new TemplateError(`"${text}" is not one {{ expression }}`)
  const expression = new Parser(tokens(body)).whole()
  return (scope) => shown(expression(scope))
}

/** How Home Assistant hands a payload to a template, and what it makes of the answer. */
export function renderPayload(template: string, payload: string): string {
  let value_json: unknown
  try {
    value_json = JSON.parse(payload)
  } catch {
    value_json = undefined
  }
  return parseTemplate(template)({ value: payload, ...(value_json === undefined ? {} : { value_json }) })
}

/** What Home Assistant sends for a value that somebody set. */
export function renderCommand(template: string, value: number): string {
  return parseTemplate(template)({ value })
}

function tokens(text: string): string[] {
  const found: string[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const at = TOKEN.lastIndex
    const match = TOKEN.exec(text)
    if (!match) throw new TemplateError(`"${text.slice(at)}" is not understood`)
    found.push(match[0].trim())
  }
  return found
}

/** As Python writes it. */
function shown(value: unknown): string {
  if (value === undefined) return ''
  if (value === null) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'string' || typeof value === 'number') return String(value)
  throw new TemplateError('an object is no state')
}

function truthy(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0
  return Boolean(value)
}

class Parser {
  readonly #tokens: readonly string[]
  #at = 0

  constructor(all: readonly string[]) {
    this.#tokens = all
  }

  whole(): Expression {
    const expression = this.#choice()
    if (this.#at < this.#tokens.length) throw new TemplateError(`"${this.#tokens[this.#at] ?? ''}" is too much`)
    return expression
  }

  #take(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false
    this.#at++
    return true
  }

  #expect(token: string): void {
    if (!this.#take(token)) throw new TemplateError(`"${token}" is missing before "${this.#tokens[this.#at] ?? 'the end'}"`)
  }

  #next(): string {
    const token = this.#tokens[this.#at++]
    if (token === undefined) throw new TemplateError('it ends too early')
    return token
  }

  #choice(): Expression {
    const yes = this.#conjunction()
    if (!this.#take('if')) return yes
    const condition = this.#conjunction()
    this.#expect('else')
    const no = this.#choice()
    return (scope) => (truthy(condition(scope)) ? yes(scope) : no(scope))
  }

  #conjunction(): Expression {
    let left = this.#comparison()
    while (this.#take('and')) {
      const [first, second] = [left, this.#comparison()]
      left = (scope) => (truthy(first(scope)) ? second(scope) : first(scope))
    }
    return left
  }

  #comparison(): Expression {
    const left = this.#product()
    if (this.#take('==')) return compared(left, this.#product(), (a, b) => a === b)
    if (this.#take('!=')) return compared(left, this.#product(), (a, b) => a !== b)
    if (this.#take('in')) return compared(left, this.#product(), contains)
    if (!this.#take('is')) return left
    const negated = this.#take('not')
    this.#expect('none')
    return (scope) => (left(scope) === null) !== negated
  }

  #product(): Expression {
    let left = this.#filtered()
    while (this.#take('*')) left = compared(left, this.#filtered(), multiplied)
    return left
  }

  #filtered(): Expression {
    let value = this.#place()
    while (this.#take('|')) value = filter(this.#next(), value, this.#take('(') ? this.#argumentsTo(')') : [])
    return value
  }

  #place(): Expression {
    let value = this.#atom()
    for (;;) {
      if (this.#take('.')) {
        const name = this.#next()
        if (this.#take('(')) {
          this.#expect(')')
          if (name !== 'values') throw new TemplateError(`"${name}()" is not understood`)
          value = compared(
            value,
            () => null,
            (of) => Object.values(object(of)),
          )
        } else value = compared(value, () => name, field)
      } else if (this.#take('[')) {
        const key = this.#choice()
        this.#expect(']')
        value = compared(value, key, field)
      } else return value
    }
  }

  #atom(): Expression {
    const token = this.#next()
    if (token === '(') {
      const inner = this.#choice()
      this.#expect(')')
      return inner
    }
    if (token === '{') return this.#dictionary()
    if (/^\d/.test(token)) return () => Number(token)
    if (token.startsWith("'")) return () => token.slice(1, -1)
    if (token === 'None' || token === 'none') return () => null
    if (!/^[a-z_]/i.test(token) || ['if', 'else', 'and', 'in', 'is', 'not'].includes(token))
      throw new TemplateError(`"${token}" is not a value`)
    return (scope) => scope[token]
  }

  #dictionary(): Expression {
    const entries: [Expression, Expression][] = []
    do {
      const key = this.#choice()
      this.#expect(':')
      entries.push([key, this.#choice()])
    } while (this.#take(','))
    this.#expect('}')
    return (scope) => Object.fromEntries(entries.map(([key, value]) => [String(key(scope)), value(scope)]))
  }

  #argumentsTo(end: string): Expression[] {
    const list: Expression[] = []
    while (!this.#take(end)) {
      list.push(this.#choice())
      this.#take(',')
    }
    return list
  }
}

function compared(left: Expression, right: Expression, result: (left: unknown, right: unknown) => unknown): Expression {
  return (scope) => result(left(scope), right(scope))
}

function object(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new TemplateError(`${shown(value) || 'what is not defined'} has no fields`)
  return value as Record<string, unknown>
}

function field(of: unknown, name: unknown): unknown {
  // Jinja: a field of None is undefined, one of what is undefined is an error.
  return of === null ? undefined : object(of)[String(name)]
}

function contains(what: unknown, all: unknown): boolean {
  return Array.isArray(all) ? all.includes(what) : String(what) in object(all)
}

function multiplied(left: unknown, right: unknown): number {
  if (typeof left !== 'number' || typeof right !== 'number') throw new TemplateError('only numbers can be multiplied')
  return left * right
}

function filter(name: string, value: Expression, given: readonly Expression[]): Expression {
  switch (name) {
    case 'round':
      return (scope) => {
        const number = value(scope)
        if (typeof number !== 'number') throw new TemplateError('only numbers can be rounded')
        return Number(number.toFixed(Number(given[0]?.(scope) ?? 0)))
      }
    case 'int':
      return (scope) => {
        const number = Number(value(scope) ?? Number.NaN)
        if (!Number.isFinite(number)) throw new TemplateError('only numbers become whole')
        return Math.trunc(number)
      }
    case 'max':
      return (scope) => Math.max(...(value(scope) as number[]))
    case 'tojson':
      return (scope) => JSON.stringify(value(scope))
    default:
      throw new TemplateError(`"${name}" is not a filter`)
  }
}

/** An option of a command. */
export interface Option {
  readonly type: 'string' | 'boolean'
  /** Stands for the value in the usage, for example FILE. */
  readonly value?: string
  readonly about: string
}

/** A command line taken apart. */
export interface CommandLine {
  readonly values: Readonly<Record<string, string | boolean | undefined>>
  readonly words: readonly string[]
}

/** What a command may touch. Machine output goes to `out`, everything else to stderr. */
export interface CommandContext extends CommandLine {
  readonly signal: AbortSignal
  readonly out: (text: string) => void
}

/** One command of `headcount`. */
export interface Command {
  readonly name: string
  /** Words after the name, as the usage shows them. */
  readonly words: string
  readonly about: string
  readonly options: Readonly<Record<string, Option>>
  /** The least and the largest number of words. */
  readonly wordCount: readonly [number, number]
  /** Returns the exit code. */
  readonly run: (context: CommandContext) => Promise<number>
}

/** The text given to an option, or undefined. */
export function textValue(value: string | boolean | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

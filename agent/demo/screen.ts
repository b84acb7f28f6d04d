import type { KeptLog, Log, Print } from '../log.ts'

/** The end of a line that wipes what was left of a longer one. */
const WIPE = '\r\u001B[K'

export interface Output {
  readonly isTTY?: boolean
  write(text: string): unknown
}

/** What the person who started the demo sees: lines, and on a terminal one last line that changes in place. */
export class Screen {
  readonly #output: Output
  readonly #inPlace: boolean
  #last = ''

  constructor(output: Output) {
    this.#output = output
    this.#inPlace = output.isTTY === true
  }

  /** Adds lines above the changing one. */
  say(text: string): void {
    this.#output.write(`${this.#wipe()}${text}\n${this.#inPlace ? this.#last : ''}`)
  }

  /** Replaces the changing line; elsewhere than on a terminal each one that differs is a line of its own. */
  change(text: string): void {
    if (text === this.#last) return
    this.#output.write(this.#inPlace ? `${this.#wipe()}${text}` : `${text}\n`)
    this.#last = text
  }

  /** Keeps what the changing line says now, and begins a new one. */
  keep(): void {
    if (this.#inPlace && this.#last !== '') this.#output.write('\n')
    this.#last = ''
  }

  /** The same log, which does not write into the changing line. */
  sharing(log: KeptLog): KeptLog {
    const at =
      (name: keyof Log) =>
      (...words: Parameters<Log['info']>) => {
        if (this.#inPlace) this.#output.write(this.#wipe())
        log[name](...words)
        if (this.#inPlace) this.#output.write(this.#last)
      }
    return { error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug'), logLines: () => log.logLines() }
  }

  /** The same for lines of others. */
  sharingPrint(print: Print): Print {
    return (level, line) => {
      if (this.#inPlace) this.#output.write(this.#wipe())
      const isSaid = print(level, line)
      if (this.#inPlace) this.#output.write(this.#last)
      return isSaid
    }
  }

  #wipe(): string {
    return this.#inPlace && this.#last !== '' ? WIPE : ''
  }
}

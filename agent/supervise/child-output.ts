import type { Readable } from 'node:stream'
import { openPrint, type Print } from '../log.ts'
import { LineSplitter } from './line-splitter.ts'
import { PrintBudget } from './print-budget.ts'
import { levelOf, lineReader } from './printed-line.ts'

export interface ChildOutputOptions {
  /** Who prints; stands before each line. */
  readonly name: string
  /** Texts that no line may show, as they are. Patterns find the rest. */
  readonly secrets?: readonly string[]
  /** Where the lines go; default: stderr. */
  readonly print?: Print | undefined
}

/** Of the lines that were left out the last ones are said at the end: there a process says why it ends. */
const LAST_LINES = 20
/** When more comes within the window, the rest is read a moment later, which slows whoever prints it. GStreamer at its highest level prints a fifth of that. */
const MOST_READ_BYTES = 8_388_608
const READ_WINDOW_MS = 100

interface LeftOut {
  readonly bytes: Buffer
  readonly cut: boolean
}

/**
 * Takes what a child process prints and says it line by line on our stderr, without secrets.
 *
 * It is always read, also when nobody reads us or when it is far too much: then lines are left out and counted. So the child never waits for
 * a reader of ours, and a camera does not freeze because of a journal. It can wait for the agent alone: one that hangs reads nothing, and a
 * child that goes on printing stands still once the kernel's buffer is full (some 200 kB). That is as it should be: the alternative, an end
 * that does not block, loses the ends of lines, after which a secret may stand in halves; nobody publishes what such a child sees; and the
 * agent goes on, or ends with its children (systemd's watchdog).
 */
export class ChildOutput {
  readonly #streams: readonly Readable[]
  readonly #splitters: readonly LineSplitter[]
  readonly #name: string
  readonly #print: Print
  readonly #read: (bytes: Buffer, cut: boolean) => string
  readonly #budget = new PrintBudget(performance.now())
  readonly #closed: Promise<unknown>
  #leftOut = 0
  #last: LeftOut[] = []
  #windowMs = 0
  #windowBytes = 0
  #resting: NodeJS.Timeout | null = null

  constructor(streams: readonly Readable[], { name, secrets = [], print = openPrint() }: ChildOutputOptions) {
    this.#streams = streams
    this.#name = name
    this.#print = print
    this.#read = lineReader(secrets)
    this.#splitters = streams.map((stream) => this.#split(stream))
    this.#closed = Promise.all(streams.map((stream) => new Promise<void>((resolve) => stream.once('close', resolve))))
  }

  /** Call it when the process is gone: resolves when all it printed is said. Whoever else holds the other end is not waited for longer than that. */
  async end(limitMs: number): Promise<void> {
    this.#readOn()
    const limit = setTimeout(() => {
      for (const stream of this.#streams) stream.destroy()
    }, limitMs)
    await this.#closed
    clearTimeout(limit)
    this.#readOn()
    for (const splitter of this.#splitters) splitter.flush()
    this.#sayLast()
  }

  #split(stream: Readable): LineSplitter {
    const splitter = new LineSplitter((bytes, cut) => this.#take(bytes, cut))
    stream.on('data', (piece: Buffer) => {
      splitter.push(piece)
      this.#pace(piece.length)
    })
    // The other end is gone; 'close' follows.
    stream.on('error', () => undefined)
    return splitter
  }

  #take(bytes: Buffer, cut: boolean): void {
    if (bytes.length === 0) return
    const allowed = this.#budget.allows(bytes.length, performance.now())
    if (!allowed || !this.#sayLeftOut(this.#leftOut) || !this.#say(bytes, cut)) this.#leaveOut(bytes, cut)
  }

  #leaveOut(bytes: Buffer, cut: boolean): void {
    if (this.#leftOut === 0) this.#print('info', `${this.#name}: prints more than is shown; lines are left out`)
    this.#leftOut++
    this.#last.push({ bytes: Buffer.from(bytes), cut })
    if (this.#last.length > LAST_LINES) this.#last.shift()
  }

  #sayLast(): void {
    const last = this.#last
    this.#sayLeftOut(this.#leftOut - last.length)
    for (const { bytes, cut } of last) this.#say(bytes, cut)
  }

  /** False: not even that could be said. */
  #sayLeftOut(lines: number): boolean {
    if (lines > 0 && !this.#print('info', `${this.#name}: ${lines} lines were left out`)) return false
    this.#leftOut = 0
    this.#last = []
    return true
  }

  #say(bytes: Buffer, cut: boolean): boolean {
    const line = this.#read(bytes, cut)
    return line === '' || this.#print(levelOf(line), `${this.#name}: ${line}`)
  }

  /** A process that prints without end must not be all that the agent is busy with. */
  #pace(bytes: number): void {
    const nowMs = performance.now()
    if (nowMs - this.#windowMs > READ_WINDOW_MS) {
      this.#windowMs = nowMs
      this.#windowBytes = 0
    }
    this.#windowBytes += bytes
    if (this.#windowBytes < MOST_READ_BYTES || this.#resting) return
    for (const stream of this.#streams) stream.pause()
    this.#resting = setTimeout(() => this.#readOn(), READ_WINDOW_MS)
  }

  #readOn(): void {
    if (this.#resting === null) return
    clearTimeout(this.#resting)
    this.#resting = null
    for (const stream of this.#streams) stream.resume()
  }
}

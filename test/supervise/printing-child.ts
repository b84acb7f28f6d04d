import { spawn } from 'node:child_process'
import { writeSync } from 'node:fs'

// Prints what a test asks for, as native code does: straight to the descriptor, waiting for room.

const STDERR = 2

function print(bytes: Buffer | string): void {
  const all = Buffer.from(bytes)
  for (let at = 0; at < all.length; ) at += writeSync(STDERR, all, at)
}

const ACTS: Readonly<Record<string, (argument: string) => void>> = {
  /** The text, in pieces of one byte. */
  bytes: (text) => {
    for (const byte of Buffer.from(text)) print(Buffer.from([byte]))
  },
  /** On both outputs, each without a line feed, then the end. */
  unfinished: (text) => {
    writeSync(1, `out ${text}`)
    print(`err ${text}`)
  },
  /** Junk without a line feed, then a line. */
  junk: (megabytes) => {
    const junk = Buffer.from(Array.from({ length: 1_048_576 }, (_, index) => (index % 251 === 10 ? 11 : index % 251)))
    for (let n = 0; n < Number(megabytes); n++) print(junk)
    print('\nafter\n')
  },
  /** So many lines, then a crash that nobody foresaw. */
  flood: (lines) => {
    const hundred = (from: number) =>
      Array.from({ length: 100 }, (_, n) => `0:00:00.000000001 1 0x1 LOG   GST_X ${from + n} ${'x'.repeat(100)}\n`)
    for (let n = 0; n < Number(lines); n += 100) print(hundred(n).join(''))
    throw new TypeError('nobody foresaw this')
  },
  /** Ends while somebody who lives has the other end of its pipe. */
  heir: (seconds) => {
    spawn('/bin/sleep', [seconds], { stdio: ['ignore', 'ignore', STDERR], detached: true }).unref()
    print('the last word\n')
  },
  /** Lives until it is killed, in the middle of a line. */
  begun: (text) => {
    print(text)
    setInterval(() => undefined, 1_000)
  },
}

const [act = '', argument = ''] = process.argv.slice(2)
ACTS[act]?.(argument)
if (act !== 'begun') process.disconnect()

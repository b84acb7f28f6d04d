import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { setImmediate as turn } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Ring } from 'hailort-node/ring'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isWhole, temporaryRing } from './temporary-ring.ts'

const FRAMES = 1_000_000

interface Seen {
  accepted: number
  refused: number
  torn: number
}

function start(...args: string[]): ChildProcess & Disposable {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./torn-child.js', import.meta.url)), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return Object.assign(child, { [Symbol.dispose]: () => child.kill('SIGKILL') })
}

async function result(reader: ChildProcess): Promise<Seen> {
  if (!reader.stdout) throw new Error('its output is not a pipe')
  return JSON.parse(await text(reader.stdout)) as Seen
}

/** What a reader sees that looks at the lock once, copies, and does not look again: read(2) knows nothing of the seqlock. */
function careless(ring: Ring, file: number, stride: number): 'whole' | 'torn' | null {
  const seq = ring.head - 3
  if (seq < 1) return null
  const slot = 4096 + ((seq - 1) % ring.geometry.slotCount) * stride
  const top = new BigUint64Array(2)
  readSync(file, top, 0, 16, slot)
  if ((top[0] ?? 1n) % 2n === 1n || top[1] !== BigInt(seq)) return null
  const words = new Uint32Array(3072 / 4)
  readSync(file, words, 0, 3072, slot + 8192)
  return isWhole(words, seq) ? 'whole' : 'torn'
}

const test = suite('torn frames')

test('two readers accept a million frames and no torn one, where a careless reader sees many', async () => {
  using made = temporaryRing()
  using _writer = start('write', made.path)
  using one = start('read', made.path, String(FRAMES / 2), String(FRAMES))
  using other = start('read', made.path, String(FRAMES / 2), String(FRAMES))
  const both = Promise.all([result(one), result(other)])

  const running = { is: true }
  const until = both.finally(() => {
    running.is = false
  })
  const file = openSync(made.path, 'r')
  const seen = { whole: 0, torn: 0 }
  while (running.is) {
    // A little at a time: the three children need the cores. And no more once it is proven.
    for (let look = 0; look < 500 && seen.torn < 100; look++) {
      const frame = careless(made.ring, file, 12288)
      if (frame !== null) seen[frame]++
    }
    await turn()
    if (seen.torn >= 100) await until
  }
  closeSync(file)

  const [first, second] = await until
  process.stdout.write(`  ${made.ring.head} frames written; read: ${JSON.stringify([first, second])}; careless: ${JSON.stringify(seen)}\n`)
  assert.ok(made.ring.head >= FRAMES)
  assert.ok(first.accepted + second.accepted >= FRAMES)
  assert.is(first.torn + second.torn, 0)
  assert.ok(first.refused + second.refused > 0, 'readers and writer did meet')
  assert.ok(seen.torn > 0, 'this test can see a torn frame')
})

test.run()

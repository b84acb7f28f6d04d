import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readSync } from 'node:fs'
import { openWriter, type Ring } from 'hailort-node/ring'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { eventually } from '../support/eventually.ts'
import { frameOf, i420Bytes, isWhole, ringCheck, temporaryRing } from './temporary-ring.ts'

const KILLS = 200
/** Kills that must have hit a writer inside a write; how many it takes depends on the machine's load. */
const HITS = 50
const MOST_KILLS = 1_000
/** Kills go on no longer than this. */
const LIMIT_MS = 80_000
const width = 1280
const height = 720
const bytes = i420Bytes(width, height)
const stride = Math.ceil((8192 + bytes) / 4096) * 4096

/** Kills a writer at any instruction; tells the sequence number it began with. */
async function writeAndKill(ring: Ring, afterMs: number): Promise<number> {
  const writer = spawn(ringCheck, ['write', ring.path], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(writer, 'exit')
  const [first] = (await once(writer.stdout, 'data')) as [Buffer]
  const begun = Number(first.toString())
  // Until now it was busy printing.
  await eventually(() => ring.head > begun, { what: 'it writes on', everyMs: 0 })
  // A timer is too coarse to land everywhere in a write that takes a fraction of a millisecond.
  const untilMs = performance.now() + afterMs
  while (performance.now() < untilMs);
  writer.kill('SIGKILL')
  await exited
  return begun
}

/** Slots whose lock a dead writer left odd. */
function oddLocks(path: string, slotCount: number): number {
  const file = openSync(path, 'r')
  const lock = new BigUint64Array(1)
  let odd = 0
  for (let slot = 0; slot < slotCount; slot++) {
    readSync(file, lock, 0, 8, 4096 + slot * stride)
    if ((lock[0] ?? 0n) % 2n === 1n) odd++
  }
  closeSync(file)
  return odd
}

/** Every frame that should still be there, read and compared; the number of those that are not. */
function lostFrames(ring: Ring, words: Uint32Array): number {
  const head = ring.head
  let lost = 0
  for (let seq = Math.max(1, head - ring.geometry.slotCount + 1); seq <= head; seq++) {
    const info = ring.readFrame(seq, new Uint8Array(words.buffer))
    if (info === null) lost++
    else assert.ok(isWhole(words, seq), `frame ${seq} is whole`)
  }
  return lost
}

const test = suite('killed writers')

test('writers killed in the middle of a write: the next goes on, readers lose at most that frame', async () => {
  using made = temporaryRing({ maxWidth: width, maxHeight: height })
  const { ring, path } = made
  const words = new Uint32Array(bytes / 4)
  let inTheMiddle = 0
  let head = 0
  let kills = 0
  const endMs = performance.now() + LIMIT_MS
  while (performance.now() < endMs && (kills < KILLS || (inTheMiddle < HITS && kills < MOST_KILLS))) {
    const kill = ++kills
    const first = await writeAndKill(ring, Math.random() * 3)
    assert.is(first, head + 1, 'it went on where the dead one stopped')
    assert.is(ring.generation, kill)
    assert.ok(ring.head >= first)
    head = ring.head
    const odd = oddLocks(path, ring.geometry.slotCount)
    assert.ok(odd <= 1, `${odd} locks are odd`)
    inTheMiddle += odd
    const lost = lostFrames(ring, words)
    assert.ok(lost <= 1, `${lost} frames lost`)
    // In the two instants around head the lock is even while the oldest frame is gone already.
    if (head >= ring.geometry.slotCount) assert.ok(lost >= odd, 'a half written frame is not accepted')
    assert.is(ring.frameInfo(head)?.generation, kill)
  }
  process.stdout.write(`  ${inTheMiddle} of ${kills} writers died inside a write; ${head} frames\n`)
  assert.ok(inTheMiddle >= 10, `only ${inTheMiddle} of ${kills} kills hit a write`)

  const writer = openWriter(ring)
  for (let seq = head + 1; seq <= head + 4; seq++) assert.is(writer.write(frameOf(seq, bytes), { width, height, ptsNs: 0 }), seq)
  assert.is(oddLocks(path, 4), 0)
  assert.is(lostFrames(ring, words), 0)
  writer.close()
})

test.run()

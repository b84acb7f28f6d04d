import { randomUUID } from 'node:crypto'
import { connectAsync } from 'mqtt'
import { eventually } from './eventually.ts'

export interface Recorded {
  readonly topic: string
  readonly payload: string
  readonly retain: boolean
  readonly atMs: number
}

/** A subscriber that remembers everything it hears, in order. */
export interface MqttRecorder extends AsyncDisposable {
  readonly heard: readonly Recorded[]
  /** Payloads of one topic, in order. */
  of(topic: string): string[]
  last(topic: string): string | undefined
  /** Waits until the newest payload of a topic is as wanted, be it for a moment only; returns that one. */
  until(topic: string, wanted: string | ((payload: string) => boolean), withinMs?: number): Promise<string>
  /** Waits until everything has come that is retained, and what was said before now. */
  caughtUp(): Promise<void>
}

/** What a waiter wants to hear, and what it has heard. */
interface Wish {
  readonly topic: string
  readonly fits: (payload: string) => boolean
  heard: string | null
}

/** Only ends a test that would hang. */
const HANG_MS = 40_000

/** Subscribes to everything below `prefix/`. */
export async function recordMqtt(url: string, prefix = 'headcount'): Promise<MqttRecorder> {
  const client = await connectAsync(url, { reconnectPeriod: 200 })
  const mark = `${prefix.replace('+', 'recorder')}/caught-up/${randomUUID()}`
  const heard: Recorded[] = []
  const wishes = new Set<Wish>()
  let marks = 0
  client.on('message', (topic, bytes, { retain }) => {
    if (topic === mark) {
      marks++
      return
    }
    const payload = String(bytes)
    heard.push({ topic, payload, retain, atMs: performance.now() })
    // Looked at as it comes: the next payload may be there before anybody asks.
    for (const wish of wishes) if (wish.heard === null && wish.topic === topic && wish.fits(payload)) wish.heard = payload
  })
  await client.subscribeAsync(`${prefix}/#`, { qos: 1 })
  const of = (topic: string) => heard.filter((message) => message.topic === topic).map(({ payload }) => payload)
  const last = (topic: string) => of(topic).at(-1)
  return {
    heard,
    of,
    last,
    async until(topic, wanted, withinMs = HANG_MS) {
      const fits = typeof wanted === 'string' ? (payload: string) => payload === wanted : wanted
      const newest = last(topic)
      const wish: Wish = { topic, fits, heard: newest !== undefined && fits(newest) ? newest : null }
      wishes.add(wish)
      try {
        await eventually(() => wish.heard !== null, {
          what: `${topic} says ${typeof wanted === 'string' ? wanted : 'what is wanted'}`,
          withinMs,
          log: () => `it said: ${of(topic).slice(-10).join(' | ')}`,
        })
      } finally {
        wishes.delete(wish)
      }
      return wish.heard ?? ''
    },
    async caughtUp() {
      const before = marks
      await client.publishAsync(mark, '', { qos: 1 })
      await eventually(() => marks > before, { what: `everything below ${prefix} has come` })
    },
    async [Symbol.asyncDispose]() {
      await client.endAsync(true)
    },
  }
}

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
  /** Waits until the newest payload of a topic is as wanted; returns it. */
  until(topic: string, wanted: string | ((payload: string) => boolean), withinMs?: number): Promise<string>
}

/** Subscribes to everything below `prefix/`. */
export async function recordMqtt(url: string, prefix = 'headcount'): Promise<MqttRecorder> {
  const client = await connectAsync(url, { reconnectPeriod: 200 })
  const heard: Recorded[] = []
  client.on('message', (topic, payload, { retain }) => heard.push({ topic, payload: String(payload), retain, atMs: performance.now() }))
  await client.subscribeAsync(`${prefix}/#`, { qos: 1 })
  const of = (topic: string) => heard.filter((message) => message.topic === topic).map(({ payload }) => payload)
  const last = (topic: string) => of(topic).at(-1)
  return {
    heard,
    of,
    last,
    async until(topic, wanted, withinMs = 20_000) {
      const fits = typeof wanted === 'string' ? (payload: string) => payload === wanted : wanted
      await eventually(() => last(topic) !== undefined && fits(last(topic) ?? ''), {
        what: `${topic} says ${typeof wanted === 'string' ? wanted : 'what is wanted'}`,
        withinMs,
        log: () => `it said: ${of(topic).slice(-10).join(' | ')}`,
      })
      return last(topic) ?? ''
    },
    async [Symbol.asyncDispose]() {
      await client.endAsync(true)
    },
  }
}

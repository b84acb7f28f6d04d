import { connect, type MqttClient } from 'mqtt'

export interface CountWatch {
  readonly url: string
  readonly topic: string
  readonly onCount: (count: string) => void
  /** Ends the waiting for the broker. */
  readonly signal: AbortSignal
}

/** Hears the count of one stream where everybody hears it: at the broker. Leaving the scope ends it. */
export async function watchCount({ url, topic, onCount, signal }: CountWatch): Promise<AsyncDisposable> {
  signal.throwIfAborted()
  const client = connect(url, { reconnectPeriod: 200 })
  client.on('message', (_topic, payload) => onCount(String(payload)))
  try {
    await subscribed(client, topic, signal)
  } catch (error) {
    client.end(true)
    throw error
  }
  return {
    async [Symbol.asyncDispose]() {
      await client.endAsync(true)
    },
  }
}

/** The library queues the subscription until there is a connection; it knows no signal. */
async function subscribed(client: MqttClient, topic: string, signal: AbortSignal): Promise<void> {
  const done = new AbortController()
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true, signal: done.signal })
  })
  try {
    await Promise.race([client.subscribeAsync(topic, { qos: 1 }), aborted])
  } finally {
    done.abort()
  }
}

/** A count as a person reads it. */
export function countSentence(count: string): string {
  if (count === 'unknown') return 'How many people are in view is not known at the moment.'
  return count === '1' ? '1 person in view' : `${count} people in view`
}

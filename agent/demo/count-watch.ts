import { connectAsync } from 'mqtt'

/** Hears the count of one stream where everybody hears it: at the broker. Leaving the scope ends it. */
export async function watchCount(url: string, topic: string, onCount: (count: string) => void): Promise<AsyncDisposable> {
  const client = await connectAsync(url, { reconnectPeriod: 200 })
  client.on('message', (_topic, payload) => onCount(String(payload)))
  await client.subscribeAsync(topic, { qos: 1 })
  return {
    async [Symbol.asyncDispose]() {
      await client.endAsync(true)
    },
  }
}

/** A count as a person reads it. */
export function countSentence(count: string): string {
  if (count === 'unknown') return 'How many people are in view is not known at the moment.'
  return count === '1' ? '1 person in view' : `${count} people in view`
}

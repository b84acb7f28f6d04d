import type { Bucket } from '../../agent/history/buckets.ts'
import type { HistoryQuery } from '../../agent/http/agent-view.ts'
import { handAgent, handStream } from '../support/mjpeg-agent.ts'

export const HOUR_MS = 3_600_000
export const START = '2026-05-01T00:00:00Z'
export const END = '2026-05-01T12:00:00Z'
/** Twelve hours, as a query says it. */
export const RANGE = `from=${START}&to=${END}`

/** An hour with people. */
export const busy: Bucket = {
  fromMs: Date.parse(START),
  least: 0,
  mean: 1.23456,
  most: 4,
  knownSeconds: 3_590,
  unknownSeconds: 10,
  lines: { entrance: { in: 7, out: 5 }, old: { in: 1, out: 0 } },
}
/** An hour of which nothing was known. */
export const unknown: Bucket = {
  ...busy,
  fromMs: Date.parse(START) + HOUR_MS,
  least: null,
  mean: null,
  most: null,
  knownSeconds: 0,
  lines: {},
}

/** An agent whose history answers this, and what it was asked. */
export function remembering(buckets: readonly Bucket[]) {
  const agent = handAgent()
  const asked: HistoryQuery[] = []
  agent.history = async function* (query) {
    asked.push(query)
    yield* buckets
  }
  const door = { ...handStream('door'), geometry: { zones: [], lines: [{ id: 'entrance', from: [0, 0] as const, to: [0, 1] as const }] } }
  agent.streams = () => [door]
  agent.stream = (id: string) => (id === 'door' ? door : undefined)
  return { agent, asked }
}

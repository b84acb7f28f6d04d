import type { NpuReport } from '../npu-report.ts'

/** One zone of a stream. */
export interface ZoneReport {
  readonly count: number | null
  /** Stays that ended since the start. */
  readonly dwellCount: number
  /** Of the last of them, in seconds; null: nobody has left yet. */
  readonly dwellMeanS: number | null
  readonly dwellP90S: number | null
}

/** What a line has counted: since it was last reset, and of that today. */
export interface LineReport {
  readonly in: number
  readonly out: number
  readonly inToday: number
  readonly outToday: number
}

/** A line whose totals could not be read yet: nothing is said of it, since 0 would be taken for a reset. */
export type UnknownLine = { readonly [figure in keyof LineReport]: null }

/** What is known of one stream at a moment. `null` is "unknown", which is not nothing. */
export interface StreamReport {
  /** Wall time in milliseconds since 1970. */
  readonly ts: number
  readonly status: 'online' | 'degraded' | 'offline'
  readonly count: number | null
  readonly occupied: boolean | null
  readonly quality: 'live' | 'stale' | 'unknown'
  /** Why it is not live; null when it is. */
  readonly reason: string | null
  /** Age of the newest picture that was looked at, since it came in; null when there is none. */
  readonly ageMs: number | null
  /** Frames with a fresh inference a second. */
  readonly fps: number
  /** Frames entering the ring a second. */
  readonly bufferFps: number
  readonly inferenceMs: number | null
  readonly backend: string | null
  readonly simulated: boolean
  /** The CPU detects because the NPU is down. */
  readonly cpuFallback: boolean
  /** null: no NPU is in use, or nothing is known of it yet. */
  readonly npu: NpuReport | null
  readonly zones: Readonly<Record<string, ZoneReport>>
  readonly lines: Readonly<Record<string, LineReport | UnknownLine>>
  /** Different people of the last hour, as far as somebody watched; null: nobody does now. */
  readonly uniqueLastHour: number | null
  /** It is meant to run. */
  readonly running: boolean
}

/** A topic below `<prefix>/<node>/` and what it says. */
export interface Message {
  readonly suffix: string
  readonly payload: string
}

/** `<prefix>/<node>/<suffix>` */
export function topicName(prefix: string, node: string, suffix: string): string {
  return `${prefix}/${node}/${suffix}`
}

/** Whether a topic is one of a filter's, in which `+` stands for one level. */
export function covers(filter: string, topic: string): boolean {
  const levels = topic.split('/')
  const wanted = filter.split('/')
  return wanted.length === levels.length && wanted.every((level, index) => level === '+' || level === levels[index])
}

/** Whether the agent is there; the broker says `offline` for us when we vanish. */
export const NODE_STATUS = 'status'
export const COMMAND = 'command'
export const COMMAND_RESULT = 'command/result'
/** Nobody has an area with more people: somebody who sets a number beyond is mistaken. */
export const MOST_INSIDE = 1_000_000
/** How agent and machine do; neither retained nor repeated. */
export const STATS = 'stats'

/** A number of people, or the word for not knowing. Never 0 for "unknown". */
export function countText(count: number | null): string {
  return count === null ? 'unknown' : String(Math.max(0, Math.trunc(count)))
}

/** Home Assistant reads `None` as unknown. */
export function occupiedText(occupied: boolean | null): string {
  if (occupied === null) return 'None'
  return occupied ? 'ON' : 'OFF'
}

/** What of a stream has topics of its own. */
export interface CountedStream {
  readonly id: string
  readonly zones: readonly { readonly id: string }[]
  readonly lines: readonly { readonly id: string }[]
}

/** Everything that is retained of a stream, by suffix. */
export function streamTopics({ id, zones, lines }: CountedStream): string[] {
  return [
    ...['status', 'running', 'count', 'occupied', 'state'].map((name) => `${id}/${name}`),
    ...zones.map((zone) => `${id}/zone/${zone.id}/count`),
    ...lines.flatMap((line) => [`${id}/line/${line.id}/in`, `${id}/line/${line.id}/out`]),
  ]
}

/** What is retained of an area, by suffix. */
export function areaTopic(area: string): string {
  return `area/${area}/inside`
}

/** What of a state is retained and small: said at once when it changes. */
export function stateMessages(stream: string, state: StreamReport): Message[] {
  return [
    { suffix: `${stream}/status`, payload: state.status },
    { suffix: `${stream}/running`, payload: state.running ? 'ON' : 'OFF' },
    { suffix: `${stream}/count`, payload: countText(state.count) },
    { suffix: `${stream}/occupied`, payload: occupiedText(state.occupied) },
    ...Object.entries(state.zones).map(([zone, { count }]) => ({ suffix: `${stream}/zone/${zone}/count`, payload: countText(count) })),
    ...Object.entries(state.lines).flatMap(([line, totals]) => [
      ...(totals.in === null ? [] : [{ suffix: `${stream}/line/${line}/in`, payload: String(totals.in) }]),
      ...(totals.out === null ? [] : [{ suffix: `${stream}/line/${line}/out`, payload: String(totals.out) }]),
    ]),
    { suffix: `${stream}/state`, payload: stateJson(state) },
  ]
}

/** The JSON of `<stream>/state`, exactly the fields the contract names. */
export function stateJson(state: StreamReport): string {
  return JSON.stringify({
    ts: state.ts,
    count: state.count,
    occupied: state.occupied,
    quality: state.quality,
    reason: state.reason,
    ageMs: rounded(state.ageMs, 0),
    fps: rounded(state.fps, 1),
    bufferFps: rounded(state.bufferFps, 1),
    inferenceMs: rounded(state.inferenceMs, 1),
    backend: state.backend,
    simulated: state.simulated,
    cpuFallback: state.cpuFallback,
    npu: npuJson(state.npu),
    zones: Object.fromEntries(Object.entries(state.zones).map(([zone, report]) => [zone, zoneJson(report)])),
    lines: state.lines,
    uniqueLastHour: state.uniqueLastHour,
  })
}

function zoneJson({ count, dwellCount, dwellMeanS, dwellP90S }: ZoneReport): ZoneReport {
  return { count, dwellCount, dwellMeanS: rounded(dwellMeanS, 1), dwellP90S: rounded(dwellP90S, 1) }
}

/** The NPU as `<stream>/state` and `stats` tell it: no more digits than mean something. */
export function npuJson(npu: NpuReport | null): NpuReport | null {
  if (npu === null) return null
  return {
    utilisation: rounded(npu.utilisation, 3) ?? 0,
    temperatureC: rounded(npu.temperatureC, 1),
    batchFill: rounded(npu.batchFill, 2),
    queueAgeMs: rounded(npu.queueAgeMs, 1),
    timeouts: npu.timeouts,
    recoveries: npu.recoveries,
  }
}

/** A number with so many digits behind the point; null for one that is no number. */
export function rounded(value: number | null, digits: number): number | null {
  return value === null || !Number.isFinite(value) ? null : Number(value.toFixed(digits))
}

/**
 * The parts of a state whose change is news. The others (ages, rates, figures of the NPU, people of the hour that passes) move all the time
 * and wait for the next news or the heartbeat.
 */
export function newsKey(state: StreamReport): string {
  const { ts: _ts, ageMs: _age, fps: _fps, bufferFps: _bufferFps, inferenceMs: _inference, uniqueLastHour: _hour, ...news } = state
  const { npu, zones } = news
  return JSON.stringify({
    ...news,
    // The first real figures of an NPU need not wait.
    npu: npu && { temperatureKnown: npu.temperatureC !== null },
    // Dwell times change when a stay ends, and then the number of stays does.
    zones: Object.entries(zones).map(([zone, { count, dwellCount }]) => [zone, count, dwellCount]),
  })
}

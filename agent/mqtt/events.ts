import type { SceneEvent } from '../counting/scene.ts'
import type { Crossing } from '../history/records.ts'
import { type Message, rounded } from './topics.ts'

/** Every type of `<stream>/event`. */
export const EVENT_TYPES = ['line_in', 'line_out', 'zone_enter', 'zone_leave', 'occupied', 'vacant'] as const

export type EventType = (typeof EVENT_TYPES)[number]

/** Something that happened in front of a camera, as it is told. */
export interface StreamEvent {
  /** Its own for ever: whoever has seen the id has seen the event. */
  readonly id: string
  readonly stream: string
  readonly type: EventType
  /** Wall time in milliseconds since 1970. */
  readonly atMs: number
  /** null: it is nobody's alone, as that a room is empty. */
  readonly track: number | null
  /** Of line_in and line_out. */
  readonly line?: string
  /** Of zone_enter and zone_leave. */
  readonly zone?: string
  /** Of zone_leave: how long the person was in the zone. */
  readonly dwellS?: number
}

/** An event that has no id yet: nothing but the broker gets to know of it. */
export type Happening = Omit<StreamEvent, 'id'>

/** A crossing as history keeps it. */
export function crossingEvent({ id, stream, line, direction, track, atMs }: Crossing): StreamEvent {
  return { id, stream, type: direction === 'in' ? 'line_in' : 'line_out', atMs, track, line }
}

/** What is not kept in history. `atMs` is wall time already. */
export function incidentEvent(stream: string, incident: Exclude<SceneEvent, { readonly line: string }>): Happening {
  if (!('zone' in incident)) return { stream, type: incident.type, atMs: incident.atMs, track: null }
  const { type, atMs, zone, track, dwellMs } = incident
  return { stream, type, atMs, track, zone, ...(dwellMs === undefined ? {} : { dwellS: dwellMs / 1_000 }) }
}

/** What is said on `<stream>/event`. */
export function eventMessage(event: StreamEvent): Message {
  return { suffix: `${event.stream}/event`, payload: JSON.stringify(eventJson(event)) }
}

/** The fields that are promised; those that an event does not have are left out. */
export function eventJson({ type, id, atMs, track, line, zone, dwellS }: StreamEvent): Readonly<Record<string, unknown>> {
  return {
    event_type: type,
    id,
    ts: Math.round(atMs),
    track,
    ...(line === undefined ? {} : { line }),
    ...(zone === undefined ? {} : { zone }),
    ...(dwellS === undefined ? {} : { dwellS: rounded(dwellS, 1) }),
  }
}

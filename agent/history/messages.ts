import type { Fault } from '../errors.ts'
import type { Found, Outcome } from './keeper.ts'
import type { Entry, MinuteAggregate } from './records.ts'
import type { Applied, MinuteRange, MinutesRead, PlacedCrossing } from './store.ts'

/** What the history's thread is started with. */
export interface HistoryOrder {
  readonly folder: string
  readonly run: string
}

/** What the thread is asked for, and what it answers. One at a time, in order. */
export interface Requests {
  open: { ask: object; answer: null }
  apply: { ask: { readonly entries: readonly Entry[]; readonly deliveredTo: number }; answer: Applied }
  batch: { ask: { readonly minutes: readonly MinuteAggregate[]; readonly deliveredTo: number }; answer: null }
  crossingsAfter: { ask: { readonly place: number; readonly limit: number }; answer: PlacedCrossing[] }
  minutes: { ask: MinuteRange; answer: MinutesRead | null }
  prune: { ask: { readonly cutoffMs: number; readonly after: number }; answer: { readonly after: number } | null }
}

export type RequestType = keyof Requests

export type HistoryRequest =
  | { readonly [Type in RequestType]: { readonly type: Type; readonly id: number } & Requests[Type]['ask'] }[RequestType]
  | { readonly type: 'close' }

export type HistoryAnswer =
  | { readonly type: 'done'; readonly id: number; readonly outcome: Outcome<unknown> }
  /** A file was first opened: this is what it holds. */
  | { readonly type: 'found'; readonly found: Found }
  /** A file had to be left behind. */
  | { readonly type: 'left'; readonly fault: Fault }

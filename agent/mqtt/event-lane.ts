import type { StreamEvent } from './events.ts'

/** Events that wait for the broker, in order. One that is taken stays until it is acknowledged: after a `rewind` it comes again. */
export interface EventLane {
  /** The next one; undefined: none now. */
  peek(): StreamEvent | undefined
  /** Gives the next one out. */
  take(): StreamEvent | undefined
  /** The broker has it. */
  acknowledged(event: StreamEvent): void
  /** Everything given out and not acknowledged is to be given out again, in order. Only when none of it is under way any more. */
  rewind(): void
}

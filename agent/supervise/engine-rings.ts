import type { EngineReport } from '../engine/messages.ts'
import type { Attachment } from './engine-life.ts'
import type { WatchedStream } from './engine-watch.ts'

/** Frames of a stream that an engine never saw, and results that came after their slot was overwritten. */
export interface Lost {
  readonly framesLost: number
  readonly resultsLost: number
}

/** The rings that an engine is to look at, and what is known of them over all its lives. */
export class EngineRings {
  readonly #attached = new Map<string, Attachment>()
  readonly #lost = new Map<string, Lost>()
  readonly #refused = new Set<string>()

  get all(): readonly Attachment[] {
    return [...this.#attached.values()]
  }

  lost(stream: string): Lost {
    return this.#lost.get(stream) ?? { framesLost: 0, resultsLost: 0 }
  }

  attach(attachment: Attachment): void {
    this.#attached.set(attachment.stream, attachment)
    this.#refused.delete(attachment.stream)
  }

  detach(stream: string): void {
    this.#attached.delete(stream)
    this.#lost.delete(stream)
    this.#refused.delete(stream)
  }

  /** What a stream has lost, and what the detector has learnt of it: a later life begins with that instead of finding out again. */
  note(streams: Extract<EngineReport, { type: 'stats' }>['streams']): void {
    for (const { stream, learnt, ...lost } of streams) {
      const attachment = this.#attached.get(stream)
      if (!attachment) continue
      this.#lost.set(stream, lost)
      if (learnt !== null) this.#attached.set(stream, { ...attachment, learnt })
    }
  }

  /** The engine cannot use the ring of a stream. Returns how to offer that ring again: null when it has another one by then. */
  refuse(stream: string): () => Attachment | null {
    this.#refused.add(stream)
    const ringPath = this.#attached.get(stream)?.ringPath
    return () => {
      const now = this.#attached.get(stream)
      if (now === undefined || now.ringPath !== ringPath) return null
      this.#refused.delete(stream)
      return now
    }
  }

  /** A new life knows of no refusal. */
  newLife(): void {
    this.#refused.clear()
  }

  /** Those whose results the engine owes: nothing comes from a ring it could not use. */
  owed(streams: readonly WatchedStream[]): readonly WatchedStream[] {
    return streams.filter(({ id }) => !this.#refused.has(id))
  }
}

import { areaReport } from './area-report.ts'
import type { Area } from './counting/areas.ts'
import type { AreaShown } from './http/agent-view.ts'
import type { Ledger } from './ledger.ts'
import type { AreaPublisher } from './mqtt/area-publisher.ts'
import type { StatePublisher } from './mqtt/publisher.ts'
import type { NewsHub } from './news-hub.ts'
import { streamReport } from './stream-report.ts'
import type { Detection } from './supervise/detection.ts'
import type { Stream } from './supervise/stream.ts'
import type { Streams } from './supervise/streams.ts'

export interface AnnouncerParts {
  readonly areas: readonly Area[]
  readonly streams: Streams
  readonly engine: Detection
  readonly ledger: Ledger
  readonly publisher: StatePublisher
  readonly areaPublisher: AreaPublisher
  readonly news: NewsHub
}

/** Tells how streams and areas are: to MQTT, where the publishers decide what is news, to the minutes of history, and to pages that listen. */
export class Announcer {
  readonly #parts: AnnouncerParts

  constructor(parts: AnnouncerParts) {
    this.#parts = parts
  }

  /** The areas as they are now. */
  areas(): readonly AreaShown[] {
    const { areas, streams, ledger } = this.#parts
    return areas.map((area) => areaReport(area, streams, ledger))
  }

  /** Something about a stream may be news. */
  announce(stream: Stream): void {
    const { engine, ledger, publisher, news } = this.#parts
    const report = streamReport(stream, engine, ledger)
    publisher.update(stream.id, report)
    ledger.observe(stream.id, report.count)
    news.tell({ type: 'state', stream: stream.id })
  }

  /** Something that is said of streams or areas may be news. */
  announceAll(): void {
    const { streams, areaPublisher, news } = this.#parts
    for (const stream of streams.all) this.announce(stream)
    const areas = this.areas()
    for (const { id, inside } of areas) areaPublisher.update(id, inside)
    if (areas.length > 0) news.tell({ type: 'areas' })
  }

  /** Nothing more is said of a stream that is gone. */
  forget(id: string): void {
    this.#parts.publisher.remove(id)
    this.#parts.ledger.forget(id)
  }
}

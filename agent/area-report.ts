import type { Area } from './counting/areas.ts'
import type { AreaShown } from './http/agent-view.ts'
import type { Ledger } from './ledger.ts'
import type { Streams } from './supervise/streams.ts'

/** An area as MQTT and HTTP tell it, now: who passes an entrance that nobody watches is not counted, so then the number is not known. */
export function areaReport({ id, entrances }: Area, streams: Pick<Streams, 'get'>, ledger: Pick<Ledger, 'inside'>): AreaShown {
  const isWatched = entrances.every((entrance) => {
    const stream = streams.get(entrance.slice(0, entrance.indexOf('/')))
    return stream !== undefined && stream.view().quality !== 'unknown'
  })
  return { id, entrances, inside: isWatched ? ledger.inside(id) : null }
}

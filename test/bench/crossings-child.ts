import { setTimeout as sleep } from 'node:timers/promises'
import { configSchema } from '../../agent/config/schema.ts'
import { History } from '../../agent/history/history.ts'
import { Ledger } from '../../agent/ledger.ts'
import { openLog } from '../../agent/log.ts'
import { AreaPublisher } from '../../agent/mqtt/area-publisher.ts'
import { EventDelivery } from '../../agent/mqtt/event-delivery.ts'
import { incidentEvent } from '../../agent/mqtt/events.ts'
import { StatePublisher } from '../../agent/mqtt/publisher.ts'
import { MqttSession } from '../../agent/mqtt/session.ts'
import { streamReport } from '../mqtt/stream-report.ts'
import { AREA, callFrom, LINES, STREAMS } from './crossings-feed.ts'

/** What the child is started with, as JSON in its first argument. */
export interface CrossingsOrder {
  readonly folder: string
  readonly url: string
  readonly mqttVersion: 4 | 5
  readonly crossings: number
  readonly perSecond: number
  readonly baseMs: number
}

/** On their way into history at a time: calls wait in a queue there, as they do when a crowd passes. */
const MOST_UNCOMMITTED = 12
const NO_TOTALS = { in: null, out: null, inToday: null, outToday: null }

// The counting side of the agent without its cameras: history, ledger, events, retained totals, put together as the agent does. Asks
// history how far it came in its earlier lives, goes on from there, and prints how many crossings are committed.
const order = JSON.parse(process.argv[2] ?? '{}') as CrossingsOrder
// Nobody is left behind when the bench is gone.
process.stdin.on('end', () => process.exit(1)).resume()

const log = openLog({ level: 'warn', write: () => undefined, journal: false })
const complain = (fault: unknown) => fault && process.stderr.write(`${JSON.stringify(fault)}\n`)
const { mqtt } = configSchema.parse({ mqtt: { url: order.url, version: order.mqttVersion } })

const history = await History.open({ folder: order.folder, keepDays: 90, timeZone: 'UTC', changed: complain, left: complain })
const session = MqttSession.open({ mqtt, node: 'bench', log, retryDelayMs: () => 100 })
const publisher = new StatePublisher({ topics: session, heartbeatMs: 20_000 })
const areas = new AreaPublisher({ topics: session, heartbeatMs: 20_000 })
const delivery = new EventDelivery({ topics: session, crossings: history, log })
let committed = 0

const publish = (): void => {
  for (const stream of STREAMS) {
    const lines = Object.fromEntries(LINES.map((line) => [line, ledger.totals(stream, line) ?? NO_TOTALS]))
    publisher.update(stream, streamReport({ ts: Date.now(), lines }))
  }
  areas.update(AREA.id, ledger.inside(AREA.id))
}
const ledger = new Ledger({
  history,
  areas: [AREA],
  onCommitted: (crossings) => {
    committed += crossings.length
    process.stdout.write(`${committed}\n`)
    delivery.wake()
  },
  onIncident: (stream, incident) => void delivery.tell(incidentEvent(stream, incident)),
  onChange: publish,
})

/** Crossings go into history in their order, so that the sum of all totals says which was the last. */
const inHistory = (): number | null => {
  const totals = STREAMS.flatMap((stream) => LINES.map((line) => ledger.totals(stream, line)))
  return totals.includes(null) ? null : totals.reduce((sum, total) => sum + (total?.in ?? 0) + (total?.out ?? 0), 0)
}
for (let known = inHistory(); ; known = inHistory()) {
  if (known !== null) {
    committed = known
    break
  }
  await sleep(10)
}
publish()
process.stdout.write(`${committed}\n`)
const [goneOnFrom, startedMs] = [committed, performance.now()]
const due = () => goneOnFrom + ((performance.now() - startedMs) / 1_000) * order.perSecond
for (let k = committed; k < order.crossings; ) {
  const call = callFrom(k, order.crossings, order.baseMs)
  const [first] = call
  if (first)
    ledger.record(
      first.stream,
      call.map(({ event }) => event),
    )
  k += call.length
  while (k - committed > MOST_UNCOMMITTED || k > due()) await sleep(1)
}

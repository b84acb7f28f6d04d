import type { Ring } from 'hailort-node/ring'
import { AgentError } from '../../agent/errors.ts'
import type { Vitals } from '../../agent/health/vitals.ts'
import type { AgentView, AreaShown, News, StreamShown } from '../../agent/http/agent-view.ts'
import { unknownArea, unknownStream } from '../../agent/http/agent-view.ts'

/** An agent with streams a test writes by hand, and the orders it was given. */
export interface HandAgent extends AgentView {
  readonly orders: string[]
  health: () => ReturnType<AgentView['health']>
  streams: AgentView['streams']
  vitals: AgentView['vitals']
  areas: AgentView['areas']
  history: AgentView['history']
  stream: AgentView['stream']
  doctor: AgentView['doctor']
  logLines: AgentView['logLines']
  /** Tells everybody who listens. */
  readonly tell: (news: News) => void
  /** How many listen. */
  readonly listeners: () => number
}

/** An agent with these streams, nothing behind them but the rings given. */
export function handAgent(rings: Readonly<Record<string, () => Ring | null>> = { door: () => null }): HandAgent {
  const orders: string[] = []
  const listeners = new Set<(news: News) => void>()
  const areas = new Map<string, AreaShown>([['shop', { id: 'shop', entrances: ['door/entrance'], inside: null }]])
  const streams = new Map(Object.keys(rings).map((id) => [id, handStream(id)]))
  const known = (id: string) => {
    const stream = streams.get(id)
    if (stream === undefined) throw unknownStream(id)
    return stream
  }
  const order = async (what: string, id: string) => {
    orders.push(`${what} ${known(id).id}`)
  }
  return {
    orders,
    health: () => ({ status: 'ready', service: 'headcount', models: ['hog'], ready: true }),
    warmup: async () => undefined,
    streams: () => [...streams.values()],
    stream: (id) => streams.get(id),
    ring: (id) => (streams.has(id) ? (rings[id]?.() ?? null) : undefined),
    start: (id) => order('start', id),
    stop: (id) => order('stop', id),
    restart: (id) => order('restart', id),
    async add(raw) {
      const { id } = raw as { id: unknown }
      if (typeof id !== 'string') throw new AgentError('CONFIG_INVALID', 'The stream has no id.', { remedy: 'Write one.' })
      streams.set(id, handStream(id))
      return known(id)
    },
    async patch(id, raw) {
      orders.push(`patch ${id} ${JSON.stringify(raw)}`)
      return known(id)
    },
    async remove(id) {
      orders.push(`remove ${id}`)
      streams.delete(id)
    },
    test: async () => ({ width: 640, height: 480, fps: 30 }),
    processes: async () => ({ processes: [{ title: 'headcount', pid: process.pid }] }),
    vitals: async () => handVitals,
    areas: () => [...areas.values()],
    async resetTotals(stream, line, who) {
      orders.push(`reset ${stream ?? '*'}/${line ?? '*'} by ${who}`)
    },
    async setInside(id, value, who) {
      const area = areas.get(id)
      if (area === undefined) throw unknownArea(id)
      areas.set(id, { ...area, inside: value })
      orders.push(`inside ${id} ${value} by ${who}`)
    },
    history: async function* () {
      // Nothing was seen yet.
    },
    doctor: async () => [],
    logLines: () => ['INFO  Ready'],
    onNews(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    tell(news) {
      for (const listener of listeners) listener(news)
    },
    listeners: () => listeners.size,
  }
}

/** Detection on the CPU, with nothing measured yet. */
export const handVitals: Vitals = {
  detection: { ready: true, backend: 'hog', simulated: false, cpuFallback: false, npuFacts: null, npu: null, npuRung: null, stages: {} },
  processes: [],
  ringBytes: 0,
}

export function handStream(id: string): StreamShown {
  return {
    id,
    running: true,
    status: 'degraded',
    state: { count: 'unknown', quality: 'unknown', reason: 'detection is starting' },
    fps: 0,
    bufferFps: 30,
    personCount: null,
    totalDetections: 0,
    framesCaptured: 0,
    framesDetected: 0,
    framesLost: 0,
    resultsLost: 0,
    cpuFallback: false,
    fault: null,
    geometry: { zones: [], lines: [] },
  }
}

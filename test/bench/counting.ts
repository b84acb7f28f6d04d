import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { insideOf, nobodyInside, stepInside } from '../../agent/counting/areas.ts'
import { newScene, type SceneEvent, type SceneInput, stepScene } from '../../agent/counting/scene.ts'
import { MIDDLE, STREET, Street } from '../counting/street.ts'
import { randomFrom } from '../tracking/random.ts'
import { atMost, type BenchRow } from './row.ts'

const CAMERAS = 30
const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
/** As much as lies in one array at a time; the whole day would not fit into memory. */
const PIECE_MS = 60_000
/** What a small CPU detector manages: 13 million looks, under a minute of one core. HEADCOUNT_BENCH_LOOKS_PER_S=30 takes six times as long. */
const LOOKS_PER_S = Number(process.env['HEADCOUNT_BENCH_LOOKS_PER_S'] ?? 5)
/** A busy street from eight to eight, hardly anybody at night. */
const WAIT_S = { day: 40, night: 900 }
/** What the day may leave behind. It is the same for a day of any number of looks. */
const GROWTH_LIMIT_MB = 2
const RSS_GROWTH_LIMIT_MB = 16
/** The first hour fills what is remembered, and compiles. */
const BASE_HOUR = 1
/** V8 gives back what the bench's own arrays took when it likes, so that only hours of the same load compare. */
const BUSY_HOURS = { first: [9, 14], second: [15, 20] } as const
const SEED = 2_026

/** What one camera's detector says at one moment. */
interface Update {
  readonly camera: number
  readonly input: Extract<SceneInput, { type: 'look' }>
}

interface Counted {
  in: number
  out: number
  entered: number
}

/** A day of thirty cameras through the counting core: how fast, beside a bare loop over the same array, and what it leaves in memory. */
export async function benchCounting(): Promise<BenchRow[]> {
  if (!(LOOKS_PER_S > 0)) throw new Error('HEADCOUNT_BENCH_LOOKS_PER_S is no number of looks')
  const collect = garbageCollector()
  const day = new Day()
  const memory: { heapMb: number; rssMb: number }[] = []
  while (day.hours < 24 || !day.over) {
    const hour = day.hours
    day.replayPiece()
    if (day.hours === hour || day.hours > 24) continue
    collect()
    const { heapUsed, rss } = process.memoryUsage()
    memory.push({ heapMb: heapUsed / 2 ** 20, rssMb: rss / 2 ** 20 })
    process.stderr.write(
      `hour ${day.hours}: ${day.counted.in + day.counted.out} crossings, heap ${(heapUsed / 2 ** 20).toFixed(1)} MB, rss ${(rss / 2 ** 20).toFixed(0)} MB\n`,
    )
  }
  return [...speedRows(day), ...truthRows(day), ...memoryRows(memory)]
}

class Day {
  readonly counted: Counted = { in: 0, out: 0, entered: 0 }
  readonly #streets = Array.from({ length: CAMERAS }, (_, camera) => new Street(randomFrom(SEED + camera), waitS))
  readonly #states = Array.from({ length: CAMERAS }, () => newScene)
  readonly #area = [{ id: 'everywhere', entrances: this.#streets.map((_, camera) => `camera${camera}/${MIDDLE.id}`) }]
  #inside = nobodyInside
  #atMs = 0
  updates = 0
  /** CPU time, so that whoever else computes on this machine changes nothing. */
  countingS = 0
  bareS = 0
  /** So that nothing of the bare loop can be left out. */
  checksum = 0

  get hours(): number {
    return Math.floor(this.#atMs / HOUR_MS)
  }

  /** Everybody has left, and is forgotten. */
  get over(): boolean {
    return this.#streets.every(({ empty }) => empty) && this.#states.every(({ people }) => people.persons.length === 0)
  }

  get truth(): Counted {
    const sum = (of: (street: Street) => number) => this.#streets.reduce((total, street) => total + of(street), 0)
    return { in: sum(({ truth }) => truth.in), out: sum(({ truth }) => truth.out), entered: sum(({ truth }) => truth.entered) }
  }

  get inside(): number {
    return insideOf(this.#inside, 'everywhere')
  }

  /** Makes up what the cameras see next, then passes it through both loops. */
  replayPiece(): void {
    const updates = this.#make()
    this.bareS += cpuSeconds(() => this.#bare(updates))
    this.countingS += cpuSeconds(() => this.#count(updates))
    this.updates += updates.length
  }

  #make(): Update[] {
    const updates: Update[] = []
    const afterMs = 1_000 / LOOKS_PER_S
    for (const endMs = this.#atMs + PIECE_MS; this.#atMs < endMs; this.#atMs += afterMs) {
      const atMs = this.#atMs
      for (const [camera, street] of this.#streets.entries()) {
        const tracks = street.look(atMs, afterMs, { closed: atMs >= DAY_MS })
        updates.push({
          camera,
          input: { type: 'look', look: { generation: 1, epoch: 1, atMs, predicted: false, tentative: false, tracks } },
        })
      }
    }
    return updates
  }

  #bare(updates: readonly Update[]): void {
    let sum = 0
    for (const { camera, input } of updates) {
      sum += camera + input.look.atMs
      for (const track of input.look.tracks) sum += track.x1
    }
    this.checksum += sum
  }

  #count(updates: readonly Update[]): void {
    for (const { camera, input } of updates) {
      const { state, events } = stepScene(this.#states[camera] ?? newScene, input, STREET)
      this.#states[camera] = state
      for (const event of events) this.#happened(camera, event)
    }
  }

  #happened(camera: number, event: SceneEvent): void {
    if (event.type === 'zone_enter') this.counted.entered++
    if (event.type !== 'line_in' && event.type !== 'line_out') return
    this.counted[event.type === 'line_in' ? 'in' : 'out']++
    this.#inside = stepInside(this.#inside, this.#area, { type: event.type, stream: `camera${camera}`, line: event.line })
  }
}

function speedRows({ updates, countingS, bareS }: Day): BenchRow[] {
  const [perSecond, peer] = [updates / countingS, updates / bareS]
  return [
    { metric: 'counting.updates_per_s', value: perSecond, unit: '1/s', peer, ratio: perSecond / peer },
    { metric: 'counting.looks_per_s_and_camera', value: LOOKS_PER_S, unit: '1/s' },
    { metric: 'counting.updates', value: updates, unit: 'looks' },
  ]
}

function truthRows({ counted, truth }: Day): BenchRow[] {
  const wrong = (of: keyof Counted) => Math.abs(counted[of] - truth[of])
  return [
    { metric: 'counting.crossings', value: counted.in + counted.out, unit: 'crossings', peer: truth.in + truth.out },
    atMost('counting.crossings_wrong', wrong('in') + wrong('out'), 'crossings', 0),
    { metric: 'counting.zone_entries', value: counted.entered, unit: 'entries', peer: truth.entered },
    atMost('counting.zone_entries_wrong', wrong('entered'), 'entries', 0),
  ]
}

function memoryRows(memory: readonly { heapMb: number; rssMb: number }[]): BenchRow[] {
  const heapMb = memory.map((point) => point.heapMb)
  const rssMb = ([first, last]: readonly [number, number]) => Math.max(...memory.slice(first - 1, last).map((point) => point.rssMb))
  const heapGrowthMb = Math.max(...heapMb.slice(BASE_HOUR)) - (heapMb[BASE_HOUR - 1] ?? Number.NaN)
  return [
    atMost('counting.heap_growth_mb', heapGrowthMb, 'MB', GROWTH_LIMIT_MB),
    atMost('counting.rss_growth_mb', rssMb(BUSY_HOURS.second) - rssMb(BUSY_HOURS.first), 'MB', RSS_GROWTH_LIMIT_MB),
    { metric: 'counting.heap_mb', value: heapMb.at(-1) ?? Number.NaN, unit: 'MB' },
  ]
}

function cpuSeconds(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

function waitS(atMs: number): number {
  const hour = Math.floor(atMs / HOUR_MS) % 24
  return hour >= 8 && hour < 20 ? WAIT_S.day : WAIT_S.night
}

/** The only way to it without an option on the command line. */
function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
}

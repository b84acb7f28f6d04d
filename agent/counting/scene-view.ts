import type { SceneState } from './scene.ts'
import { uniquesInHour } from './uniques.ts'
import { dwellFigures } from './zones-dwell.ts'

/** What can be said of one zone. */
export interface ZoneView {
  /** null: unknown. */
  readonly count: number | null
  /** Stays that ended since the start. */
  readonly stays: number
  /** Of the last of them; null: nobody has left yet. */
  readonly dwellMeanMs: number | null
  readonly dwellP90Ms: number | null
}

/** What can be said of a scene; null wherever we do not know. */
export interface SceneView {
  readonly count: number | null
  readonly occupied: boolean | null
  readonly zones: Readonly<Record<string, ZoneView>>
  /** Different people of the last hour. */
  readonly uniquesInHour: number
}

/** What a scene tells at `nowMs`. */
export function viewOfScene(state: SceneState, nowMs: number): SceneView {
  const zones = state.zones.map(({ zone: { id }, dwells }) => {
    const { count: stays, meanMs: dwellMeanMs, p90Ms: dwellP90Ms } = dwellFigures(dwells)
    return [id, { count: state.zoneCounts.get(id)?.count ?? null, stays, dwellMeanMs, dwellP90Ms }] as const
  })
  return {
    count: state.count.count,
    occupied: state.seen === null ? null : state.occupancy.occupied,
    zones: Object.fromEntries(zones),
    uniquesInHour: uniquesInHour(state.visitors.hour, nowMs),
  }
}

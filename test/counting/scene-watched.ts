import type { Point } from '../../agent/counting/geometry.ts'
import { newScene, type SceneEvent, type SceneLook, type SceneSettings, stepScene } from '../../agent/counting/scene.ts'
import { type SceneView, viewOfScene } from '../../agent/counting/scene-view.ts'
import type { Track } from '../../agent/tracking/track.ts'

/** The body height of `person`: a step of this size in the picture is one body height, across or down. */
export const BODY = { across: 0.2, down: 0.4 }

/** A track whose foot is at a point. */
export function person(id: number, [x, y]: Point, more: Partial<Track> = {}): Track {
  const box = { x1: x - BODY.across / 4, x2: x + BODY.across / 4, y1: y - BODY.down, y2: y }
  return { id, ...box, score: 0.9, classId: 0, confirmed: true, predicted: false, ...more }
}

const NOWHERE: SceneSettings = { lines: [], zones: [], exclude: [], occupancy: { onAfterMs: 200, offAfterMs: 5_000, minPersons: 1 } }

/** A scene told of looks at times of its own clock. */
export class Watched {
  settings: SceneSettings
  state = newScene
  atMs = 10_000
  generation = 1
  epoch = 1
  readonly events: SceneEvent[] = []

  constructor(settings: Partial<SceneSettings>) {
    this.settings = { ...NOWHERE, ...settings }
  }

  /** One look, `afterMs` after the last. Returns the events of it. */
  look(tracks: readonly Track[], { afterMs = 100, ...more }: { afterMs?: number } & Partial<SceneLook> = {}): readonly SceneEvent[] {
    this.atMs += afterMs
    const { atMs, generation, epoch } = this
    const look = { generation, epoch, atMs, predicted: false, tentative: false, tracks, ...more }
    return this.#step({ type: 'look', look })
  }

  /** Some looks at the same tracks. */
  looks(count: number, tracks: readonly Track[]): readonly SceneEvent[] {
    return Array.from({ length: count }, () => this.look(tracks)).flat()
  }

  tell(type: 'unknown' | 'tick' | 'end', { afterMs = 0 } = {}): readonly SceneEvent[] {
    this.atMs += afterMs
    return this.#step({ type, nowMs: this.atMs })
  }

  /** Walks one track over these points, a look at each. */
  walk(id: number, ...feet: Point[]): this {
    for (const foot of feet) this.look([person(id, foot)])
    return this
  }

  get view(): SceneView {
    return viewOfScene(this.state, this.atMs)
  }

  /** How often something happened. */
  count(type: SceneEvent['type']): number {
    return this.events.filter((event) => event.type === type).length
  }

  #step(input: Parameters<typeof stepScene>[1]): readonly SceneEvent[] {
    const { state, events } = stepScene(this.state, input, this.settings)
    this.state = state
    this.events.push(...events)
    return events
  }
}

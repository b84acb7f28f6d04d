import type { Crossing } from '../counting/lines.ts'
import { peopleIn } from '../counting/person-count.ts'
import { newScene, type SceneInput, type SceneSettings, stepScene } from '../counting/scene.ts'
import { viewOfScene } from '../counting/scene-view.ts'
import { isCounted } from '../counting/zones.ts'
import type { FrameReport } from '../engine/messages.ts'
import { AgentError } from '../errors.ts'
import type { SeenFrame } from './frames.ts'

/** Counts a clip as a stream is counted, on the clip's own clock, and keeps what was said of every frame. */
export class ClipScene {
  readonly frames: SeenFrame[] = []
  readonly crossings: Crossing[] = []
  readonly #settings: SceneSettings
  #state = newScene

  constructor(settings: SceneSettings) {
    this.#settings = settings
  }

  /** The next frame; `epoch` tells lives of the engine apart. Throws SOURCE_UNREADABLE for a frame without a time. */
  see({ generation, ptsNs, tentative, tracks }: FrameReport, epoch: number): void {
    const atMs = ptsNs / 1e6
    if (ptsNs < 0) throw timeless(this.frames.length)
    this.#step({ type: 'look', look: { generation, epoch, atMs, predicted: false, tentative, tracks } })
    const people = peopleIn(tracks).filter((track) => isCounted(track, this.#settings.exclude))
    this.frames.push({ ptsMs: atMs, people, count: this.#state.seen, published: viewOfScene(this.#state, atMs).count })
  }

  /** The clip is over: who was lost beyond a line has crossed it. */
  end(): void {
    this.#step({ type: 'end', nowMs: this.frames.at(-1)?.ptsMs ?? 0 })
  }

  #step(input: SceneInput): void {
    const { state, events } = stepScene(this.#state, input, this.#settings)
    this.#state = state
    for (const event of events) if (event.type === 'line_in' || event.type === 'line_out') this.crossings.push(event)
  }
}

function timeless(frame: number): AgentError {
  return new AgentError('SOURCE_UNREADABLE', `Frame ${frame} of the clip bears no time.`, {
    remedy: 'Put it into a container that keeps times: ffmpeg -i CLIP -c copy clip.mp4.',
  })
}

import { childEnv } from '../capture/environment.ts'
import { askProcess, type ProbeOutcome } from './probe-process.ts'

export interface SoftwareQuestion {
  /** Modules with a native part. */
  readonly modules: readonly string[]
  /** GStreamer's names of elements. */
  readonly elements: readonly string[]
}

export interface SoftwareAnswer {
  /** Why a module cannot be loaded, by its name; null: it can. */
  readonly faults: Readonly<Record<string, string | null>>
  /** Whether GStreamer has an element; null: GStreamer could not be asked. */
  readonly elements: Readonly<Record<string, boolean>> | null
  /** For example "GStreamer 1.22.0"; null: it is not there. */
  readonly gstreamer: string | null
}

/** Loads native parts, and with them GStreamer, somewhere else than in this process. */
export type ProbeSoftware = (
  question: SoftwareQuestion,
  options: { env: NodeJS.ProcessEnv; signal: AbortSignal },
) => Promise<ProbeOutcome<SoftwareAnswer>>

const ENTRY = new URL('./software-probe-child.js', import.meta.url)
/** GStreamer may have to look through all of its plugins first, on a slow card. */
const LIMIT_MS = 15_000

/** In a process of its own. GStreamer takes its usual registry: that of the captures is not touched. */
export const probeSoftware: ProbeSoftware = (question, { env, signal }) =>
  askProcess({
    entry: ENTRY,
    args: [JSON.stringify(question)],
    env: { ...childEnv(env), GST_REGISTRY: undefined, GST_REGISTRY_UPDATE: undefined, GST_DEBUG: undefined },
    limitMs: LIMIT_MS,
    signal,
  })

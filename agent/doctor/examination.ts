import { existsSync, readFileSync, statSync } from 'node:fs'
import { findCameras } from '../config/cameras.ts'
import { defaultStreams } from '../config/default-streams.ts'
import { type LoadedConfig, loadConfig } from '../config/load.ts'
import { findPlaces, type Places } from '../config/places.ts'
import { type Config, configSchema } from '../config/schema.ts'
import type { StreamConfig } from '../config/stream-schema.ts'
import { AgentError } from '../errors.ts'
import { diskFacts } from '../health/disk-facts.ts'
import { installRoot } from '../install-root.ts'
import { defaultRuntimeFolder } from '../ring/default-folder.ts'
import { type AskProgram, askProgram } from './ask-program.ts'
import { type AskBroker, askBroker } from './broker-probe.ts'
import type { Camera } from './camera-check.ts'
import type { AskDisk } from './disk-check.ts'
import { camerasOf } from './examined-cameras.ts'
import { MachineFiles } from './machine-files.ts'
import type { NpuExamination } from './npu-examination.ts'
import { probeNpu } from './npu-probe.ts'
import { type MayUse, mayRead, mayReadAndWrite } from './ownership.ts'
import { withServicePlaces } from './service-places.ts'
import { type ProbeSoftware, probeSoftware } from './software-probe.ts'

/** The checks run inside the running agent, which holds what some of them would try: these look, and do not try. */
export interface Inside {
  /** The port it listens on. */
  readonly port: number
}

export interface DoctorOptions {
  /** Named by the user; otherwise as `run` finds it. */
  readonly file?: string | undefined
  readonly inside?: Inside
}

/** What there is to look at, and the means to do so. */
export interface Examination {
  readonly files: MachineFiles
  readonly env: NodeJS.ProcessEnv
  readonly signal: AbortSignal
  /** How the configuration came about, or why it cannot be used. */
  readonly loaded: LoadedConfig | AgentError
  /** Defaults where it cannot be used. */
  readonly config: Config
  readonly places: Places
  readonly runtimeDir: string
  /** Those of the configuration, or the one that is taken without any. */
  readonly streams: readonly StreamConfig[]
  readonly cameras: readonly Camera[]
  readonly mayUse: MayUse
  readonly mayRead: MayUse
  readonly root: boolean
  readonly inside: Inside | null
  readonly nowMs: number
  readonly installedMs: number
  /** As in `engines` of package.json. */
  readonly nodeMinimum: string
  readonly nodeVersions: { readonly node: string; readonly modules: string }
  readonly ask: AskProgram
  readonly askBroker: AskBroker
  readonly askDisk: AskDisk
  readonly probeSoftware: ProbeSoftware
  readonly probeNpu: NpuExamination['probe']
  /** The program that asks a Raspberry Pi's firmware; null: it is not asked. */
  readonly vcgencmd: string | null
}

/** This machine, with its configuration. */
export async function thisMachine(env: NodeJS.ProcessEnv, signal: AbortSignal, { file, inside }: DoctorOptions = {}): Promise<Examination> {
  const files = new MachineFiles()
  const known = inside ? env : await withServicePlaces(files, env)
  const loaded = await loadConfig({ env: known, file, fileOptional: true }).catch((error: unknown) => {
    if (error instanceof AgentError) return error
    throw error
  })
  const config = loaded instanceof AgentError ? configSchema.parse({}) : loaded.config
  const found = await findCameras()
  const streams = config.streams.length > 0 ? config.streams : defaultStreams(found)
  const uid = process.getuid?.() ?? 0
  return {
    files,
    env: known,
    signal,
    loaded,
    config,
    places: findPlaces(known),
    runtimeDir: defaultRuntimeFolder({ env: known, uid, exists: existsSync }),
    streams,
    cameras: await camerasOf(config.streams, found),
    mayUse: mayReadAndWrite,
    mayRead,
    root: uid === 0,
    inside: inside ?? null,
    nowMs: Date.now(),
    installedMs: statSync(new URL('package.json', installRoot)).mtimeMs,
    nodeMinimum: (JSON.parse(readFileSync(new URL('package.json', installRoot), 'utf8')) as { engines: { node: string } }).engines.node,
    nodeVersions: { node: process.versions.node, modules: process.versions.modules },
    ask: askProgram,
    askBroker,
    askDisk: diskFacts,
    probeSoftware,
    probeNpu,
    vcgencmd: 'vcgencmd',
  }
}

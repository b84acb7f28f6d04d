import { readdir } from 'node:fs/promises'
import type { MachineFiles } from './machine-files.ts'

/** A process. */
export interface User {
  readonly pid: number
  /** Its command line, or its short name. */
  readonly name: string
  /** It is an engine of headcount, or another doctor. */
  readonly ours: boolean
}

/** Who uses the NPU. */
export interface NpuUsers {
  /** Processes that have a device node open. */
  readonly holders: readonly User[]
  /** Engines of headcount that have an NPU of the same HailoRT, or are about to open one. */
  readonly engines: readonly User[]
  /** Processes that do not show us what they have open. */
  readonly hidden: number
}

/** As engines and the process that asks for doctor call themselves, and the engines that use an NPU. */
const OUR_TITLE = /^headcount: (?:engine|doctor)\b/
const OUR_NPU_TITLE = /^headcount: engine hailo\b/
/** A program with another value of these uses other NPUs: simulated ones. */
const CHOICE_OF_NPU = ['HAILORT_LIB', 'HAILORT_SIM_CONTROL']
const LONGEST_NAME = 80

export interface UsersQuestion {
  /** The device nodes. */
  readonly nodes: readonly string[]
  readonly env: NodeJS.ProcessEnv
}

/** Walks /proc/PID. Processes that end meanwhile are passed over. */
export async function npuUsers(files: MachineFiles, { nodes, env }: UsersQuestion): Promise<NpuUsers> {
  const pids = (await files.names('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const all = await Promise.all(
    pids.map(async (pid) => {
      const user = { pid, ...(await nameOf(files, pid)) }
      const engine = OUR_NPU_TITLE.test(user.name) && (await hasSameNpu(files, pid, env))
      return { user, engine, holds: await holds(files, pid, nodes) }
    }),
  )
  return {
    holders: all.filter(({ holds }) => holds === true).map(({ user }) => user),
    engines: all.filter(({ engine }) => engine).map(({ user }) => user),
    hidden: all.filter(({ holds }) => holds === null).length,
  }
}

/** True also where it does not show its environment. */
async function hasSameNpu(files: MachineFiles, pid: number, env: NodeJS.ProcessEnv): Promise<boolean> {
  const environment = (await files.text(`/proc/${pid}/environ`))?.split('\0')
  if (environment === undefined) return true
  return CHOICE_OF_NPU.every((name) => {
    const theirs = environment.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1)
    return (theirs ?? '') === (env[name] ?? '')
  })
}

/** null: it may not be seen. */
async function holds(files: MachineFiles, pid: number, nodes: readonly string[]): Promise<boolean | null> {
  if (nodes.length === 0) return false
  const folder = `/proc/${pid}/fd`
  const opened = await readdir(files.at(folder)).catch((error: unknown) => (gone(error) ? [] : null))
  if (opened === null) return null
  const targets = await Promise.all(opened.map((name) => files.link(`${folder}/${name}`)))
  return targets.some((target) => target !== null && nodes.includes(target))
}

function gone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')
}

async function nameOf(files: MachineFiles, pid: number): Promise<{ name: string; ours: boolean }> {
  const line = (await files.text(`/proc/${pid}/cmdline`))?.replaceAll('\0', ' ').trim()
  const name = line || (await files.text(`/proc/${pid}/comm`)) || 'unknown'
  return { name: name.slice(0, LONGEST_NAME), ours: OUR_TITLE.test(name) }
}

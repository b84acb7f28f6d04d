import { eventually } from '../support/eventually.ts'
import type { Machine } from './machine.ts'

/** What systemd knows of the service; numbers are 0 where there is nothing to tell. */
export interface ServiceState {
  readonly ActiveState: string
  readonly SubState: string
  readonly MainPID: number
  readonly NRestarts: number
  readonly ExecMainStatus: number
  readonly Result: string
  readonly StatusText: string
}

const NAMES = ['ActiveState', 'SubState', 'MainPID', 'NRestarts', 'ExecMainStatus', 'Result', 'StatusText'] as const

export async function serviceState(machine: Machine): Promise<ServiceState> {
  const lines = (await machine.must(['systemctl', 'show', 'headcount', `--property=${NAMES.join(',')}`])).split('\n')
  const of = (name: string) => lines.find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1) ?? ''
  return {
    ActiveState: of('ActiveState'),
    SubState: of('SubState'),
    MainPID: Number(of('MainPID')),
    NRestarts: Number(of('NRestarts')),
    ExecMainStatus: Number(of('ExecMainStatus')),
    Result: of('Result'),
    StatusText: of('StatusText'),
  }
}

/** Waits until the service is active (running) with a main process other than `oldPid`. */
export async function serviceRuns(machine: Machine, withinMs: number, oldPid = 0): Promise<ServiceState> {
  let last: ServiceState | null = null
  return eventually(
    async () => {
      last = await serviceState(machine)
      const { ActiveState, SubState, MainPID } = last
      return ActiveState === 'active' && SubState === 'running' && MainPID > 0 && MainPID !== oldPid ? last : null
    },
    { what: 'the service is active (running)', withinMs, everyMs: 250, log: () => JSON.stringify(last) },
  )
}

/** Pids, as the machine counts them, of headcount's processes whose title begins so. */
export async function pidsOf(machine: Machine, title: string): Promise<string[]> {
  const { stdout } = await machine.run(['pgrep', '--full', `^headcount: ${title}`])
  return stdout.split('\n').filter((pid) => pid !== '')
}

/** What doctor found, by check. */
export interface Finding {
  readonly check: string
  readonly severity: string
  readonly what: string
}

/** Runs doctor as a person would, as root. */
export async function doctor(machine: Machine): Promise<Finding[]> {
  const { stdout, output } = await machine.run(['headcount', 'doctor', '--json'], { limitMs: 120_000 })
  if (!stdout.startsWith('{')) throw new Error(`headcount doctor --json gave no JSON:\n${output}`)
  return (JSON.parse(stdout) as { findings: Finding[] }).findings
}

import { chipName } from 'hailort-node/hef'
import { type Finding, ok } from './finding.ts'
import { isBusy, type NpuProbe, type ProbedDevice, type ProbeFault } from './npu-probe.ts'
import type { NpuUsers } from './npu-users.ts'

const CHECK = 'npu-chip'
const WHY = 'Without the NPU nobody is counted on it.'

export interface ChipQuestion {
  readonly probe: NpuProbe
  readonly users: NpuUsers
  /** The engine takes an NPU, and nothing else. */
  readonly required: boolean
  /** We are the agent that uses it. */
  readonly inside: boolean
}

/** Does each chip answer, and with which firmware? */
export function checkChips({ probe, users, required, inside }: ChipQuestion): readonly Finding[] {
  if (probe.state !== 'answered') return []
  if (probe.scanFault) return [refused('HailoRT cannot look for devices', probe.scanFault)]
  if (probe.devices.length === 0) {
    const what = `HailoRT ${probe.library.version} is installed, but it finds no Hailo device${required ? '' : ': people are counted on the CPU'}.`
    const remedy = 'Check the ribbon cable, or how the HAT sits; "lspci" must show the device.'
    return [{ check: CHECK, severity: required ? 'failed' : 'warning', what, why: WHY, remedy }]
  }
  const engine = users.engines[0] ?? users.holders.find(({ ours }) => ours)
  const used = engine ? `headcount uses it (pid ${engine.pid})` : inside ? 'headcount uses it' : null
  return probe.devices.map((device) => checkChip(device, probe.library, used))
}

function checkChip({ id, identity, fault }: ProbedDevice, library: { version: string; simulated: boolean }, used: string | null): Finding {
  if (identity !== null) {
    const { architecture, firmwareVersion } = identity
    const what = `${chipName(architecture)} ${id} answers, firmware ${firmwareVersion}${library.simulated ? ' (simulated)' : ''}.`
    if (firmwareVersion === library.version) return ok(CHECK, what)
    return {
      check: CHECK,
      severity: 'warning',
      what: `${what.slice(0, -1)}, but the library is version ${library.version}.`,
      why: 'HailoRT is made for the firmware of its own version.',
      remedy: 'Bring both to one version: sudo apt full-upgrade && sudo reboot',
    }
  }
  if (used !== null && (fault === null || isBusy(fault))) return ok(CHECK, `${id} is there; it was not asked who it is, since ${used}.`)
  if (fault) return refused(`${id} does not answer`, fault)
  const what = `${id} is there; it was not asked who it is, since another program uses it.`
  return { check: CHECK, severity: 'note', what, why: null, remedy: null }
}

function refused(what: string, fault: ProbeFault): Finding {
  return { check: CHECK, severity: 'failed', what: `${what}: ${fault.what} [${fault.code}]`, why: WHY, remedy: fault.remedy }
}

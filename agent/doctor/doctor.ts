import { loadConfig } from '../config/load.ts'
import { AgentError } from '../errors.ts'
import { detectorsHere } from '../supervise/detectors-here.ts'
import { mayReadAndWrite } from './device-node-check.ts'
import type { Finding } from './finding.ts'
import { MachineFiles } from './machine-files.ts'
import { examineNpu, type NpuExamination, type Wanted } from './npu-examination.ts'
import { probeNpu } from './npu-probe.ts'
import { checkPower } from './power-check.ts'

/** Every check, in the order in which a person should read them. */
export interface Examination extends NpuExamination {
  /** The program that asks a Raspberry Pi's firmware; null: it is not asked. */
  readonly vcgencmd: string | null
}

/** Runs all checks. Each is bounded in time and takes nothing from what runs. */
export async function examine(examination: Examination): Promise<readonly Finding[]> {
  const npu = await examineNpu(examination)
  const power = await checkPower(examination.files, examination.vcgencmd)
  return power === null ? npu : [...npu, power]
}

/** Runs all checks on this machine, with its configuration. */
export async function examineThisMachine(env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<readonly Finding[]> {
  const { wanted, findings } = await wantedHere(env)
  const { hefFolders } = await detectorsHere(env)
  const parts = { env, signal, wanted, hefFolders, mayUse: mayReadAndWrite, probe: probeNpu, vcgencmd: 'vcgencmd' }
  return [...findings, ...(await examine({ files: new MachineFiles(), ...parts }))]
}

/** A configuration that cannot be used is a finding of its own; the other checks go on as if there were none. */
async function wantedHere(env: NodeJS.ProcessEnv): Promise<{ wanted: Wanted; findings: readonly Finding[] }> {
  try {
    const { config } = await loadConfig({ env, fileOptional: true })
    return { wanted: config.detector, findings: [] }
  } catch (error) {
    if (!(error instanceof AgentError)) throw error
    const finding: Finding = {
      check: 'configuration',
      severity: 'failed',
      what: error.what.trim(),
      why: 'headcount does not start with it.',
      remedy: error.remedy,
    }
    return { wanted: { backend: 'auto', model: 'auto', devices: 'all' }, findings: [finding] }
  }
}

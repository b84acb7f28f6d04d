import { checkChips } from './chip-check.ts'
import { checkChosenDevices } from './chosen-devices-check.ts'
import { checkDeviceNodes } from './device-node-check.ts'
import { checkDriver } from './driver-check.ts'
import { type Finding, ok } from './finding.ts'
import { checkModels } from './hef-check.ts'
import { checkHolder } from './holder-check.ts'
import { checkLibrary } from './library-check.ts'
import type { MachineFiles } from './machine-files.ts'
import { type NpuHardware, npuHardware } from './npu-hardware.ts'
import type { NpuProbe, ProbeOptions } from './npu-probe.ts'
import { npuUsers } from './npu-users.ts'
import type { MayUse } from './ownership.ts'
import { checkPageSize } from './page-size-check.ts'
import { checkPcie } from './pcie-check.ts'

/** What the configuration says of the detector. */
export interface Wanted {
  readonly backend: string
  readonly model: string
  readonly devices: 'all' | readonly string[]
}

export interface NpuExamination {
  readonly files: MachineFiles
  readonly env: NodeJS.ProcessEnv
  readonly wanted: Wanted
  readonly hefFolders: readonly string[]
  readonly mayUse: MayUse
  readonly probe: (options: ProbeOptions) => Promise<NpuProbe>
  readonly signal?: AbortSignal
  /** We are the agent whose engine uses the NPU, or is about to: nothing is opened. */
  readonly inside?: boolean
}

/** Everything about the NPU. On a machine that has none that is one sentence. */
export async function examineNpu({
  files,
  env,
  wanted,
  hefFolders,
  mayUse,
  probe: ask,
  signal,
  inside = false,
}: NpuExamination): Promise<readonly Finding[]> {
  if (!mayUseNpu(wanted))
    return [ok('npu', `The configuration takes another detector (${wanted.backend}, ${wanted.model}): no NPU is used.`)]
  const hardware = await npuHardware(files)
  const users = await npuUsers(files, { nodes: hardware.nodes, env })
  // Opening would take the device from an engine that is just about to open it again.
  const used = inside || users.holders.length > 0 || users.engines.length > 0
  const probe = await ask({ env, identify: !used, ...(signal && { signal }) })
  // `auto` takes the NPU for these too, and the CPU does not count then.
  const required = needsNpu(wanted) || hardware.nodes.length > 0 || Boolean(env['HAILORT_LIB'])
  if (hasNothing(hardware, probe, env)) return [absent(needsNpu(wanted))]
  const models = await checkModels({ probe, model: wanted.model, hefFolders })
  const chosen = checkChosenDevices(wanted.devices, probe)
  const chips = [...checkChips({ probe, users, required, inside }), ...(chosen === null ? [] : [chosen])]
  if (probe.state === 'answered' && probe.library.simulated) return [checkLibrary(probe), ...chips, ...models]
  const findings = [
    ...(await checkDeviceNodes(files, hardware, mayUse)),
    hardware.nodes.length > 0 ? checkHolder(users, probe) : null,
    checkLibrary(probe),
    checkDriver(hardware, probe),
    ...chips,
    ...models,
    ...(await checkPcie(files, hardware)),
    await checkPageSize(files),
  ]
  return findings.filter((finding) => finding !== null)
}

function mayUseNpu({ backend, model }: Wanted): boolean {
  return backend === 'hailo' || (backend === 'auto' && (model === 'auto' || model.endsWith('.hef')))
}

/** The configuration leaves no other choice. */
function needsNpu({ backend, model }: Wanted): boolean {
  return backend === 'hailo' || model.endsWith('.hef')
}

function hasNothing({ nodes, pci }: NpuHardware, probe: NpuProbe, { HAILORT_LIB: named }: NodeJS.ProcessEnv): boolean {
  return nodes.length === 0 && pci.length === 0 && !named && probe.state === 'failed' && probe.fault.code === 'LIBRARY_MISSING'
}

function absent(required: boolean): Finding {
  if (!required) {
    const what = 'There is no Hailo NPU here, neither a device nor its library HailoRT: people are counted on the CPU.'
    return { check: 'npu', severity: 'note', what, why: null, remedy: null }
  }
  return {
    check: 'npu',
    severity: 'failed',
    what: 'There is no Hailo NPU here, neither a device nor its library HailoRT, and the configuration asks for one.',
    why: 'Nobody is counted without it.',
    remedy:
      'Check the ribbon cable ("lspci" must show the device) and run: sudo apt install dkms hailo-all && sudo reboot; or set detector.backend and detector.model to auto.',
  }
}

import { type Finding, ok } from './finding.ts'
import type { NpuHardware } from './npu-hardware.ts'
import type { NpuProbe } from './npu-probe.ts'

const CHECK = 'npu-driver'

/** Is the driver loaded, and of the library's version? null: there is nothing that a driver would be for. */
export function checkDriver({ nodes, pci, driverVersion }: NpuHardware, probe: NpuProbe): Finding | null {
  if (driverVersion === null) {
    if (nodes.length === 0 && pci.length === 0) return null
    return {
      check: CHECK,
      severity: 'failed',
      what: 'The driver hailo_pci is not loaded.',
      why: 'Without it the NPU is out of reach.',
      remedy: 'Install it and restart: sudo apt install dkms hailo-all && sudo reboot',
    }
  }
  if (probe.state !== 'answered') return ok(CHECK, `The driver is loaded, version ${driverVersion}.`)
  const { version } = probe.library
  if (driverVersion === version) return ok(CHECK, `Driver and library are both version ${version}.`)
  return {
    check: CHECK,
    severity: 'failed',
    what: `The driver is version ${driverVersion}, the library ${version}.`,
    why: 'HailoRT opens no device unless the two are equal (HAILO_INVALID_DRIVER_VERSION, 76).',
    remedy: 'Bring both to one version: sudo apt full-upgrade && sudo reboot',
  }
}

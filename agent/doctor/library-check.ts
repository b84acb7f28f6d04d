import { type Finding, ok } from './finding.ts'
import type { NpuProbe } from './npu-probe.ts'

const CHECK = 'npu-library'
const WHY = 'headcount reaches the NPU through this library alone.'

/** Is there a HailoRT that can be used? */
export function checkLibrary(probe: NpuProbe): Finding {
  if (probe.state === 'answered') {
    const { version, path, simulated } = probe.library
    if (!simulated) return ok(CHECK, `HailoRT ${version} is loaded from ${path}.`)
    const what = `The NPU is simulated: ${path} answers like HailoRT ${version}, no hardware is behind it.`
    return { check: CHECK, severity: 'note', what, why: 'Counts come from a simulation.', remedy: 'To use a real NPU, unset HAILORT_LIB.' }
  }
  if (probe.state === 'failed') {
    return { check: CHECK, severity: 'failed', what: probe.fault.what, why: WHY, remedy: probe.fault.remedy }
  }
  const how = probe.state === 'hung' ? `did not answer within ${probe.limitMs / 1_000} s` : `ended the process that asked it (${probe.how})`
  return {
    check: CHECK,
    severity: 'failed',
    what: `HailoRT ${how}.`,
    why: WHY,
    remedy:
      'Look into "sudo dmesg | grep -i hailo"; restart the machine, and if it comes back, install HailoRT again: sudo apt install --reinstall hailort',
  }
}

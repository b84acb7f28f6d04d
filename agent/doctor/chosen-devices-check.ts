import type { Finding } from './finding.ts'
import type { NpuProbe } from './npu-probe.ts'

/** Are the NPUs that detector.devices names there? null: it names none, or nobody knows which there are. */
export function checkChosenDevices(chosen: 'all' | readonly string[], probe: NpuProbe): Finding | null {
  if (chosen === 'all' || probe.state !== 'answered' || probe.devices.length === 0) return null
  const here = probe.devices.map(({ id }) => id)
  const missing = chosen.filter((id) => !here.includes(id))
  if (missing.length === 0) return null
  const noneIsHere = missing.length === chosen.length
  return {
    check: 'npu-chosen',
    severity: noneIsHere ? 'failed' : 'warning',
    what: `detector.devices names ${missing.join(', ')}, which ${missing.length === 1 ? 'is' : 'are'} not there.`,
    why: noneIsHere ? 'No other NPU is taken: nobody is counted.' : 'The others that it names are taken.',
    remedy: `Correct detector.devices: this machine has ${here.join(', ')}.`,
  }
}

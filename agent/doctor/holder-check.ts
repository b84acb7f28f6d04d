import { type Finding, ok } from './finding.ts'
import { isBusy, type NpuProbe } from './npu-probe.ts'
import type { NpuUsers, User } from './npu-users.ts'

const CHECK = 'npu-holder'
const ONE_OWNER = 'One program owns the NPU: headcount cannot open it meanwhile.'

/** Who has the NPU? One program owns it; headcount itself is fine. */
export function checkHolder({ holders, engines, hidden }: NpuUsers, probe: NpuProbe): Finding {
  const others = holders.filter(({ ours }) => !ours)
  if (others.length > 0) {
    return {
      check: CHECK,
      severity: 'failed',
      what: `The NPU is in use by ${others.map(named).join(', ')}.`,
      why: ONE_OWNER,
      remedy: `End that program: sudo kill ${others.map(({ pid }) => pid).join(' ')}, or stop the service it belongs to ("systemctl status PID" names it).`,
    }
  }
  if (holders.length > 0) return ok(CHECK, `The NPU is in use by headcount itself (${holders.map(named).join(', ')}).`)
  const devices = probe.state === 'answered' ? probe.devices : []
  // Processes may be out of sight altogether: in another container, or hidden by the way /proc is mounted.
  if (hidden === 0 && engines.length === 0 && devices.some(({ fault }) => fault !== null && isBusy(fault))) {
    return {
      check: CHECK,
      severity: 'failed',
      what: 'Another program has the NPU, but it cannot be seen from here.',
      why: ONE_OWNER,
      remedy: 'Find it with "sudo fuser -v /dev/hailo0", outside of any container, and end it.',
    }
  }
  // A chip that let itself be opened has no other owner, whoever cannot be seen.
  const opened = devices.length > 0 && devices.every(({ identity }) => identity !== null)
  if (hidden === 0 || opened) return ok(CHECK, 'No other program uses the NPU.')
  return {
    check: CHECK,
    severity: 'note',
    what: `No program is seen to use the NPU, but ${hidden} ${hidden === 1 ? 'process' : 'processes'} of other users cannot be looked into.`,
    why: 'One of them may own the NPU.',
    remedy: 'To be sure, run "sudo headcount doctor", or "sudo fuser -v /dev/hailo0".',
  }
}

function named({ pid, name }: User): string {
  return `${name} (pid ${pid})`
}

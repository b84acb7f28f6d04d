import { type Finding, ok } from './finding.ts'
import type { MachineFiles } from './machine-files.ts'

const CHECK = 'memory'
const KB_PER_MB = 1_024
const SCARCE_MB = 200
const OUT_MB = 60
const REMEDY = 'End other programs ("ps aux --sort=-rss | head" shows the large ones), take fewer or smaller streams, or a smaller model.'

/** Is there memory left, and was there always? null: not told. */
export async function checkMemory(files: MachineFiles): Promise<readonly Finding[]> {
  const meminfo = (await files.text('/proc/meminfo')) ?? ''
  const mb = (name: string) => {
    const kb = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(meminfo)?.[1]
    return kb === undefined ? null : Math.round(Number(kb) / KB_PER_MB)
  }
  const [available, total] = [mb('MemAvailable'), mb('MemTotal')]
  const findings: Finding[] = []
  if (available !== null) {
    const what = `${available} of ${total ?? 'unknown'} MB of memory are available.`
    const severity = available < OUT_MB ? 'failed' : 'warning'
    const why = 'The kernel ends a program when there is none left: most likely a large one, such as detection.'
    findings.push(available >= SCARCE_MB ? ok(CHECK, what) : { check: CHECK, severity, what: `Only ${what}`, why, remedy: REMEDY })
  }
  const killed = Number(/^oom_kill (\d+)$/m.exec((await files.text('/proc/vmstat')) ?? '')?.[1] ?? 0)
  if (killed > 0) {
    const what = `The kernel has ended ${killed} ${killed === 1 ? 'process' : 'processes'} for lack of memory since the start.`
    const remedy = `"sudo dmesg | grep -i 'out of memory'" names them. ${REMEDY}`
    findings.push({ check: CHECK, severity: 'warning', what, why: 'It may have been detection or a camera, and may come again.', remedy })
  }
  return findings
}

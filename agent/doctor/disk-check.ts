import type { DiskFacts } from '../health/disk-facts.ts'
import { type Finding, ok } from './finding.ts'
import type { MachineFiles } from './machine-files.ts'
import { mountOf } from './mounts.ts'

const CHECK = 'disk'
const MB = 1_000_000
/** History and logs cannot be written for long below this. */
const FULL_MB = 50
const SCARCE_MB = 500
const WHY = 'History is kept there; counting goes on without, but nothing of it is remembered.'

/** Reads how much room there is. Rejects when it cannot. */
export type AskDisk = (folder: string) => Promise<DiskFacts>

/** Can history be written for a while? */
export async function checkDisk(files: MachineFiles, stateDir: string, ask: AskDisk): Promise<Finding> {
  const mount = await mountOf(files, stateDir)
  if (mount?.readOnly) {
    const what = `${stateDir} is on ${mount.folder}, which is mounted read-only.`
    const remedy = 'Look into "sudo dmesg": a card or disk that fails is mounted read-only by itself. Replace it, or mount it for writing.'
    return { check: CHECK, severity: 'failed', what, why: WHY, remedy }
  }
  const facts = await ask(stateDir).catch(() => null)
  if (facts === null) {
    const remedy = 'Run doctor as root: sudo headcount doctor'
    return { check: CHECK, severity: 'note', what: `How much room there is in ${stateDir} cannot be told.`, why: null, remedy }
  }
  const freeMb = Math.round(facts.availableBytes / MB)
  const what = `${freeMb} MB are free for ${stateDir}.`
  if (freeMb >= SCARCE_MB) return ok(CHECK, what)
  const remedy = 'Make room: "df -h" and "sudo du -xh / | sort -h | tail" show where it went; or lower history.keepDays.'
  return { check: CHECK, severity: freeMb < FULL_MB ? 'failed' : 'warning', what: `Only ${what}`, why: WHY, remedy }
}

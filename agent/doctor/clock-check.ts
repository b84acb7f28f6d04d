import type { AskProgram } from './ask-program.ts'
import { type Finding, ok } from './finding.ts'
import type { MachineFiles } from './machine-files.ts'

const CHECK = 'clock'
/** systemd-timesyncd makes it with its first answer of a server. */
const SYNCHRONIZED = '/run/systemd/timesync/synchronized'
const WHY = 'Times in history and events are wrong then, and certificates of a broker may seem to be invalid.'
const REMEDY =
  'Let it ask a time server: sudo timedatectl set-ntp true; without internet, give it one of your network or a clock with a battery.'

export interface ClockQuestion {
  readonly ask: AskProgram
  /** Wall time in milliseconds since 1970. */
  readonly nowMs: number
  /** When this headcount was installed, by the same clock. */
  readonly installedMs: number
}

/** Does the clock follow a time server? */
export async function checkClock(files: MachineFiles, { ask, nowMs, installedMs }: ClockQuestion): Promise<Finding> {
  const shown = new Date(nowMs).toISOString()
  if (nowMs < installedMs) {
    const what = `The clock says ${shown}, which was before headcount was installed.`
    return { check: CHECK, severity: 'failed', what, why: WHY, remedy: REMEDY }
  }
  if ((await files.text(SYNCHRONIZED)) !== null) return ok(CHECK, `The clock follows a time server: ${shown}.`)
  const told = (await ask('timedatectl', ['show', '--property=NTPSynchronized', '--value']))?.trim()
  if (told === 'yes') return ok(CHECK, `The clock follows a time server: ${shown}.`)
  if (told === 'no')
    return { check: CHECK, severity: 'warning', what: `The clock follows no time server: ${shown}.`, why: WHY, remedy: REMEDY }
  const what = `The clock says ${shown}; whether it follows a time server cannot be told here.`
  return { check: CHECK, severity: 'note', what, why: null, remedy: null }
}

/** ok: as it should be. note: worth knowing. warning: works, but not as well or as safely as it could. failed: does not work. */
export type Severity = 'ok' | 'note' | 'warning' | 'failed'

/** What one check says. */
export interface Finding {
  /** Name of the check, for example npu-driver. */
  readonly check: string
  readonly severity: Severity
  /** What was found, with the value: a sentence. */
  readonly what: string
  /** Why it matters; null where `what` says all. */
  readonly why: string | null
  /** What the person at the device should do, imperative; null: nothing. */
  readonly remedy: string | null
}

/** Nothing to do. */
export function ok(check: string, what: string): Finding {
  return { check, severity: 'ok', what, why: null, remedy: null }
}

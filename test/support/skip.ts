/**
 * Says that the test which is running does nothing on this machine, and why: return right after it, and say it once a test. The runner
 * counts such a test as skipped, not as passed.
 */
export function skip(reason: string): void {
  // The dots of uvu stand on one line.
  process.stdout.write(`\n  skipped: ${reason}\n`)
}

/** The reasons in what a test file printed. */
export function skipsIn(output: string): string[] {
  return [...output.matchAll(/^ {2}skipped: (.+)$/gm)].map(([, reason = '']) => reason)
}

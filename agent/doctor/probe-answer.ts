/**
 * Answers whoever asked with askProcess, and ends this process once all of it is written. Not with process.exit(): that waits for threads
 * and destructors of a library, and for a disk that hangs.
 */
export function answerAndEnd(answer: unknown): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`, () => process.kill(process.pid, 'SIGKILL'))
}

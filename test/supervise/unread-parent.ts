import { Child } from '../../agent/supervise/child.ts'

// Has a child that prints a flood of so many lines, on a stderr that nobody reads; says on stdout how the child ended and how much waits in memory.

const child = new Child(new URL('./printing-child.js', import.meta.url), {
  name: 'capture door',
  args: ['flood', process.argv[2] ?? ''],
  onReport: () => undefined,
})
const { code } = await child.exited
process.stdout.write(`${JSON.stringify({ code, unreadBytes: process.stderr.writableLength })}\n`, () => process.exit(0))

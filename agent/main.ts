#!/usr/bin/env node
import './small-heap.ts'
import { constants } from 'node:os'
import type { Command } from './commands/command.ts'
import { commands } from './commands/table.ts'
import { parseCommandLine, usage } from './commands/usage.ts'
import { packageVersion } from './commands/version.ts'
import { AgentError } from './errors.ts'

const EXIT_FAILED = 1
const EXIT_USAGE = 2
const EXIT_CONFIG = 78 // EX_CONFIG; the unit lists it in RestartPreventExitStatus, so that a typing mistake does not loop
const LONGEST_GOODBYE_MS = 5_000

const stop = new AbortController()

/** A terminal that is closed (SIGHUP) must not leave rings in memory. */
const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** The first signal asks for a clean end within 5 s, a second one takes what it gets. */
function endOnSignal(signal: NodeJS.Signals): void {
  if (stop.signal.aborted) process.exit(128 + constants.signals[signal])
  stop.abort()
  setTimeout(() => {
    process.stderr.write('Something did not end within 5 s and is left behind.\n')
    process.exit(EXIT_FAILED)
  }, LONGEST_GOODBYE_MS).unref()
}

async function runCommand(command: Command, args: readonly string[]): Promise<number> {
  const line = parseCommandLine(command, args)
  if (line.help) {
    process.stdout.write(usage(command))
    return 0
  }
  return command.run({ ...line, signal: stop.signal, out: (text) => process.stdout.write(text) })
}

async function main([name, ...args]: readonly string[]): Promise<number> {
  if (name === '--version' || name === '-V') {
    process.stdout.write(`${packageVersion()}\n`)
    return 0
  }
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    const text = usage(null)
    if (name === undefined) process.stderr.write(text)
    else process.stdout.write(text)
    return name === undefined ? EXIT_USAGE : 0
  }
  const command = commands.get(name)
  if (command) return runCommand(command, args)
  throw new AgentError('USAGE', `There is no command "${name}".`, {
    remedy: `Use one of ${[...commands.keys()].join(', ')}; "headcount --help" explains them.`,
  })
}

function exitCodeOf(error: AgentError): number {
  if (error.code === 'USAGE') return EXIT_USAGE
  return error.code.startsWith('CONFIG_') ? EXIT_CONFIG : EXIT_FAILED
}

/** Something waited when the signal came: the end that was asked for, not a failure. */
function wasStopped(error: unknown): boolean {
  return stop.signal.aborted && error instanceof Error && error.name === 'AbortError'
}

for (const signal of ENDING_SIGNALS) process.on(signal, endOnSignal)
// The reader of our output or log may leave first (`| head`): no reason to crash, and nobody left to tell.
for (const output of [process.stdout, process.stderr]) output.on('error', () => undefined)

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (error instanceof AgentError) {
    const { lastWords } = await import('./log.ts')
    process.stderr.write(lastWords(error.message))
    process.exitCode = exitCodeOf(error)
  } else if (!wasStopped(error)) throw error
}

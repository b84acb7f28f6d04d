import { parseArgs } from 'node:util'
import { AgentError } from '../errors.ts'
import type { Command, CommandLine } from './command.ts'
import { commands } from './table.ts'

/** Takes the arguments of a command apart, or throws USAGE. */
export function parseCommandLine(command: Command, args: readonly string[]): CommandLine & { help: boolean } {
  const options = Object.fromEntries(Object.entries(command.options).map(([name, { type }]) => [name, { type }]))
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { ...options, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
      strict: true,
    })
    const plain = values as CommandLine['values']
    const help = plain['help'] === true
    const [least, most] = command.wordCount
    if (!help && (positionals.length < least || positionals.length > most)) {
      throw new TypeError(positionals.length < least ? 'A word is missing' : `"${positionals[most] ?? ''}" is one word too many`)
    }
    return { values: plain, words: positionals, help }
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause
    const what = `${cause.message.split('.')[0] ?? 'Wrong usage'}.`
    throw new AgentError('USAGE', what, { remedy: `Usage: ${usageLine(command)}; see "headcount ${command.name} --help".`, cause })
  }
}

function usageLine({ name, words, options }: Command): string {
  const shown = Object.entries(options).map(([option, { value }]) => `[--${option}${value ? ` ${value}` : ''}]`)
  return ['headcount', name, words, ...shown].filter(Boolean).join(' ')
}

/** The help of one command, or of all. */
export function usage(command: Command | null): string {
  if (!command) {
    const lines = [...commands.values()].map((each) => `  ${usageLine(each)}\n      ${each.about}\n`)
    return `headcount counts people in camera pictures and tells the counts to MQTT.\n\n${lines.join('')}  headcount --version | --help\n\nExit codes: 0 done, 1 failed, 2 wrong usage, 78 wrong configuration.\n`
  }
  const options = Object.entries({ ...command.options, help: { about: 'This text.', value: '' } })
  const lines = options.map(([name, { value, about }]) => `  ${`--${name}${value ? ` ${value}` : ''}`.padEnd(18)} ${about}\n`)
  return `Usage: ${usageLine(command)}\n\n${command.about}\n\n${lines.join('')}`
}

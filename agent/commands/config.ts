import { DEFAULT_CONFIG_FILE, loadConfig } from '../config/load.ts'
import { configJsonSchema, printConfig } from '../config/print.ts'
import { AgentError } from '../errors.ts'
import { type Command, type CommandContext, textValue } from './command.ts'

/** Looks at the configuration without starting anything. */
export const configCommand: Command = {
  name: 'config',
  words: 'check|print|schema',
  about: 'Checks the configuration; prints its effective values with their origin, secrets masked; prints its JSON Schema.',
  options: { config: { type: 'string', value: 'FILE', about: `Configuration; default: HEADCOUNT_CONFIG, else ${DEFAULT_CONFIG_FILE}.` } },
  wordCount: [1, 1],
  async run(context) {
    const [what = ''] = context.words
    if (what === 'schema') context.out(`${JSON.stringify(configJsonSchema(), null, 2)}\n`)
    else if (what === 'check' || what === 'print') await show(what, context)
    else throw new AgentError('USAGE', `There is no "config ${what}".`, { remedy: 'Use "headcount config check", "print" or "schema".' })
    return 0
  },
}

async function show(what: 'check' | 'print', { values, out }: CommandContext): Promise<void> {
  const loaded = await loadConfig({ file: textValue(values['config']), env: process.env, fileOptional: true })
  for (const note of loaded.notes) process.stderr.write(`${note}\n`)
  if (loaded.file === null) process.stderr.write(`${DEFAULT_CONFIG_FILE} does not exist; these are the defaults.\n`)
  const { streams } = loaded.config
  const names =
    streams.length === 0 ? 'no stream named: the camera that is found' : `${streams.length} ${streams.length === 1 ? 'stream' : 'streams'}`
  if (what === 'check') out(`${loaded.file ?? 'The default configuration'} is valid: node ${loaded.config.node}, ${names}.\n`)
  else out(printConfig(loaded.config, loaded.originOf))
}

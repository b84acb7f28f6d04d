import { loadConfig } from '../config/load.ts'
import { openLog } from '../log.ts'
import { type Command, textValue } from './command.ts'

/** The service. */
export const runCommand: Command = {
  name: 'run',
  words: '',
  about: 'Runs the service until it is told to stop (systemd starts this).',
  options: {
    config: { type: 'string', value: 'FILE', about: 'Configuration; default: HEADCOUNT_CONFIG, else /etc/headcount/config.yaml.' },
  },
  wordCount: [0, 0],
  async run({ values, signal }) {
    const loaded = await loadConfig({ file: textValue(values['config']), env: process.env })
    const log = openLog({ level: loaded.config.log.level })
    for (const note of loaded.notes) log.warn(note)
    // Loaded only now, so that the other commands start fast and work where the native parts are not built.
    const { runAgent } = await import('../agent.ts')
    await runAgent(loaded.config, { log, signal, loaded })
    return 0
  },
}

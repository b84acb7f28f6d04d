import { DEFAULT_CONFIG_FILE, loadConfig } from '../config/load.ts'
import { machineDigits } from '../config/places.ts'
import { type Command, textValue } from './command.ts'

/** What an uninstallation says to the broker. */
export const forgetCommand: Command = {
  name: 'forget',
  words: '',
  about:
    'Takes back at the broker what this device has retained there: its topics, and its devices at Home Assistant. Stop the service first.',
  options: { config: { type: 'string', value: 'FILE', about: `Configuration; default: HEADCOUNT_CONFIG, else ${DEFAULT_CONFIG_FILE}.` } },
  wordCount: [0, 0],
  async run({ values, signal, out }) {
    const { config, places } = await loadConfig({ file: textValue(values['config']), env: process.env, fileOptional: true })
    const { forgetTopics } = await import('../mqtt/forget.ts')
    const { installationId } = await import('../mqtt/discovery-owner.ts')
    const { mqtt, node } = config
    const installation = installationId(machineDigits(64), places.stateDir)
    const { cleared, refused } = await forgetTopics({ mqtt, node, installation, password: process.env['HEADCOUNT_MQTT_PASSWORD'], signal })
    out(`${cleared.length} retained ${cleared.length === 1 ? 'topic' : 'topics'} taken back at ${mqtt.url}.\n`)
    if (refused.length === 0) return 0
    process.stderr.write(
      `${refused.length} stay, the broker does not let us write them, for example ${refused[0] ?? ''}. Allow the user of mqtt.username to, or remove them there.\n`,
    )
    return 1
  },
}

import { DEFAULT_CONFIG_FILE, type LoadedConfig } from '../config/load.ts'
import type { AgentError } from '../errors.ts'
import { type Finding, ok } from './finding.ts'

const CHECK = 'configuration'

/** Can the configuration be used, and does anything in it do nothing? */
export function checkConfig(loaded: Pick<LoadedConfig, 'config' | 'file' | 'notes'> | AgentError, root: boolean): readonly Finding[] {
  if (loaded instanceof Error) {
    const denied = (loaded.cause as NodeJS.ErrnoException | undefined)?.code === 'EACCES'
    const remedy = denied && !root ? 'It is not for this user: run "sudo headcount doctor".' : loaded.remedy
    return [{ check: CHECK, severity: 'failed', what: loaded.what.trim(), why: 'headcount does not start with it.', remedy }]
  }
  const { config, file, notes } = loaded
  return [
    present(file, config.streams.length),
    ...notes.map((what): Finding => ({ check: CHECK, severity: 'note', what, why: null, remedy: null })),
  ]
}

function present(file: string | null, streams: number): Finding {
  if (file === null) {
    const what = `${DEFAULT_CONFIG_FILE} does not exist; the checks take the defaults.`
    const remedy = `Create it, an empty one will do: sudo mkdir -p /etc/headcount && sudo touch ${DEFAULT_CONFIG_FILE}`
    return { check: CHECK, severity: 'note', what, why: '"headcount run" needs it, or one that is named.', remedy }
  }
  const named = streams === 0 ? 'no stream, so the camera that is found is taken' : `${streams} ${streams === 1 ? 'stream' : 'streams'}`
  return ok(CHECK, `${file} is valid: ${named}.`)
}

import type { MachineFiles } from './machine-files.ts'

const UNIT = '/etc/systemd/system/headcount.service'
/** As systemd.exec(5) makes them for StateDirectory=headcount and its like. */
const PLACES = {
  HEADCOUNT_STATE_DIR: ['STATE_DIRECTORY', '/var/lib/headcount'],
  HEADCOUNT_RUNTIME_DIR: ['RUNTIME_DIRECTORY', '/run/headcount'],
  CACHE_DIRECTORY: ['CACHE_DIRECTORY', '/var/cache/headcount'],
} as const

/**
 * The environment with the folders of the installed service, where it names none itself: a person who runs doctor in a shell asks for the
 * service, not for folders of his own.
 */
export async function withServicePlaces(files: MachineFiles, env: NodeJS.ProcessEnv): Promise<NodeJS.ProcessEnv> {
  if ((await files.text(UNIT)) === null) return env
  const known = { ...env }
  for (const [name, [fromSystemd, folder]] of Object.entries(PLACES)) if (!env[name] && !env[fromSystemd]) known[name] = folder
  return known
}

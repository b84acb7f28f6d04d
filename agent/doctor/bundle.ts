import { open, rm, stat } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { AgentError } from '../errors.ts'
import { tarOf } from './tar.ts'

const FOLDER = 'headcount-doctor'
const NOT_PLAIN = /[^\x21-\x7e]/g

/** Refuses a file that is there already, before anything is examined for it. Throws BUNDLE_UNWRITABLE. */
export async function refuseExisting(path: string): Promise<void> {
  const found = await stat(path).then(
    () => true,
    () => false,
  )
  if (found) throw exists(path)
}

/**
 * Writes texts by their names into a new archive (tar, gzip) that its owner alone may read. It is there whole or not at all, and never takes
 * the place of another file. Throws BUNDLE_UNWRITABLE.
 */
export async function writeBundle(path: string, contents: ReadonlyMap<string, string>): Promise<void> {
  const files = [...contents].map(([name, text]) => ({
    name: `${FOLDER}/${name.replace(NOT_PLAIN, '_')}`,
    content: Buffer.from(text.endsWith('\n') ? text : `${text}\n`),
  }))
  const bytes = await promisify(gzip)(tarOf(files, Date.now() / 1_000))
  const file = await open(path, 'wx', 0o600).catch((error: unknown) => {
    throw codeOf(error) === 'EEXIST' ? exists(path) : unwritable(path, error)
  })
  try {
    await file.writeFile(bytes)
    await file.sync()
  } catch (error) {
    await rm(path, { force: true })
    throw unwritable(path, error)
  } finally {
    await file.close()
  }
}

function exists(path: string): AgentError {
  return new AgentError('BUNDLE_UNWRITABLE', `${path} is there already.`, { remedy: 'Name a file that does not exist yet.' })
}

function unwritable(path: string, cause: unknown): AgentError {
  const remedy = 'Name a file in a folder that is there, that you may write to, and that has room.'
  return new AgentError('BUNDLE_UNWRITABLE', `Cannot write ${path} (${codeOf(cause)}).`, { remedy, cause })
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown reason'
}

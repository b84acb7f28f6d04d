import { randomBytes } from 'node:crypto'
import { chmod, link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { AgentError } from '../errors.ts'

const TOKEN_BYTES = 32
/** Its owner writes it, and its group may read it: whoever is put into the group headcount. */
const MODE = 0o640
const FORM = /^[\x21-\x7e]{16,512}$/

/**
 * Reads the access token, or makes one of 256 bits. Two agents that start together agree on one. A file of ours that more people may
 * read or write than its owner and its group is closed to them; stricter rights stay.
 */
export async function openToken(path: string): Promise<string> {
  const token = await readToken(path)
  if (token === null) return makeToken(path)
  await closeToOthers(path)
  return token
}

async function closeToOthers(path: string): Promise<void> {
  const { mode, uid } = await stat(path)
  // A file of somebody else is his to close; doctor speaks of it.
  if ((mode & 0o777 & ~MODE) !== 0 && uid === process.getuid?.()) await chmod(path, mode & MODE)
}

async function readToken(path: string): Promise<string | null> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new AgentError('CONFIG_UNREADABLE', `The token file ${path} cannot be read: ${(cause as Error).message}.`, {
      remedy: 'Let the user headcount runs as read it, or name another file in http.tokenFile.',
      cause,
    })
  })
  if (text === null) return null
  const token = text.trim()
  if (FORM.test(token)) return token
  throw new AgentError('CONFIG_INVALID', `The token file ${path} holds no token of 16 to 512 visible ASCII characters.`, {
    remedy: 'Delete the file: headcount makes a new token at the next start.',
  })
}

async function makeToken(path: string): Promise<string> {
  const token = randomBytes(TOKEN_BYTES).toString('base64url')
  const draft = `${path}.${randomBytes(4).toString('hex')}.new`
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await writeFile(draft, `${token}\n`, { mode: MODE, flag: 'wx', flush: true })
    // A link appears whole or not at all, and never replaces the token another agent has made meanwhile.
    await link(draft, path)
    return token
  } catch (cause) {
    const other = (cause as NodeJS.ErrnoException).code === 'EEXIST' ? await readToken(path) : null
    if (other !== null) return other
    throw new AgentError('STATE_UNWRITABLE', `The token file ${path} cannot be made: ${(cause as Error).message}.`, {
      remedy: 'Let the user headcount runs as write to that folder, or name another file in http.tokenFile.',
      cause,
    })
  } finally {
    await rm(draft, { force: true })
  }
}

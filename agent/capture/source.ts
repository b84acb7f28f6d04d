import { sourceProblem } from '../config/source-text.ts'
import { AgentError } from '../errors.ts'
import type { Source } from './messages.ts'

export interface SourceOptions {
  /** rtsp: how the video comes; default tcp. */
  readonly transport?: 'tcp' | 'udp'
  /** rtsp: goes before a password in the URL. */
  readonly password?: string | null
}

const SHORTEST_QUERY_SECRET = 6

/** Takes the text of a source apart (`libcamera[:name] | v4l2:/dev/video0 | rtsp://… | rtsps://… | file:/path | test`). Throws SOURCE_INVALID. */
export function parseSource(text: string, { transport = 'tcp', password = null }: SourceOptions = {}): Source {
  const found = sourceProblem(text)
  if (found) throw new AgentError('SOURCE_INVALID', `The source ${shown(text)} ${found.problem}.`, { remedy: found.remedy })
  if (text === 'test') return { kind: 'test' }
  if (text === 'libcamera') return { kind: 'libcamera', name: null }
  if (text.startsWith('libcamera:')) return { kind: 'libcamera', name: text.slice('libcamera:'.length) }
  if (text.startsWith('v4l2:')) return { kind: 'v4l2', device: text.slice('v4l2:'.length) }
  if (text.startsWith('file:')) return { kind: 'file', path: text.slice('file:'.length) }
  return rtspSource(text, transport, password)
}

function rtspSource(text: string, transport: 'tcp' | 'udp', password: string | null): Source {
  const url = new URL(text)
  const user = decoded(url.username) || null
  const secret = password ?? (decoded(url.password) || null)
  if (user === null && secret !== null) {
    throw new AgentError('SOURCE_INVALID', `The source ${shown(text)} has a password but no user.`, {
      remedy: 'Write the user into the address: rtsp://USER@HOST/PATH.',
    })
  }
  if ([user, secret].some((part) => part !== null && /\p{Cc}/u.test(part))) {
    throw new AgentError('SOURCE_INVALID', `User or password of ${shown(text)} holds a control character.`, {
      remedy: 'Write user and password on one line, without line breaks.',
    })
  }
  url.username = ''
  url.password = ''
  return { kind: 'rtsp', url: url.href, user, password: secret, transport }
}

/** People paste passwords as they are: a `%` that encodes nothing stands for itself. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part // not %-encoded: taken as it stands
  }
}

/** The source as it may stand in a log or an answer: no password, no token of a query. */
export function describeSource(source: Source): string {
  switch (source.kind) {
    case 'test':
      return 'test'
    case 'libcamera':
      return source.name === null ? 'libcamera' : `libcamera:${source.name}`
    case 'v4l2':
      return `v4l2:${source.device}`
    case 'file':
      return `file:${source.path}`
    case 'rtsp': {
      const url = source.url.replace(/\?.*$/s, '?…')
      return source.user === null ? url : url.replace('://', `://${encodeURIComponent(source.user)}:***@`)
    }
  }
}

/** Every text that a log must not show when this source is opened, as it is: the password, its header of HTTP Basic, the words of the query. */
export function secretsOf(source: Source): readonly string[] {
  if (source.kind !== 'rtsp') return []
  const { user, password, url } = source
  const { search, searchParams } = new URL(url)
  // Short values (`channel=1`, `codec=h264`) are words of every line, and are only taken out with their names.
  const values = [...searchParams.values()].filter((value) => value.length >= SHORTEST_QUERY_SECRET)
  const query = search.slice(1)
  const basic = password === null ? [] : [password, Buffer.from(`${user ?? ''}:${password}`).toString('base64')]
  return [...basic, ...(query === '' ? [] : [query, ...query.split('&')]), ...values]
}

/** A text that could not be read may still hold a password. */
function shown(text: string): string {
  return JSON.stringify(text.replace(/:\/\/.*@/s, '://***@').slice(0, 200))
}

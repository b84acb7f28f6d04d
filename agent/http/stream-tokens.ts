import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { writeFileAtomic } from '../config/atomic-file.ts'
import { AgentError } from '../errors.ts'
import { type Held, HeldConnections } from './held-connections.ts'

const MOST_TOKENS = 100
const TOKEN_BYTES = 32

const kept = z.strictObject({
  id: z.string().regex(/^[0-9a-f]{12}$/),
  stream: z.string(),
  name: z.string(),
  created: z.string(),
  /** SHA-256 of the token: whoever reads the file has no token. */
  hash: z.string().regex(/^[\w-]{43}$/),
})
const fileSchema = z.strictObject({ tokens: z.array(kept).max(MOST_TOKENS) })

type Kept = z.output<typeof kept>

/** A token that shows the pictures of one stream and can do nothing else, as it is listed: without itself. */
export type StreamToken = Omit<Kept, 'hash'>

/** The read-only tokens of streams: given out, kept as hashes in the state folder, taken back. */
export class StreamTokens {
  readonly #path: string
  readonly #held = new HeldConnections()
  #tokens: readonly Kept[]
  /** Writes, one after the other. */
  #writing: Promise<void> = Promise.resolve()
  /** Why no token of earlier is known; null: all are. */
  readonly warning: string | null

  private constructor(path: string, tokens: readonly Kept[], warning: string | null) {
    this.#path = path
    this.#tokens = tokens
    this.warning = warning
  }

  /** A file that cannot be used lets nobody in, and does not keep the agent from starting: `warning` says so. */
  static async open(stateDir: string): Promise<StreamTokens> {
    const path = join(stateDir, 'stream-tokens.json')
    try {
      const { tokens } = fileSchema.parse(JSON.parse(await readFile(path, 'utf8')))
      return new StreamTokens(path, tokens, null)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new StreamTokens(path, [], null)
      return new StreamTokens(path, [], `The stream tokens in ${path} cannot be read; make new ones with POST /api/tokens.`)
    }
  }

  get list(): readonly StreamToken[] {
    return this.#tokens.map(({ hash: _hash, ...shown }) => shown)
  }

  /** A new token of 256 bits: told once, here. Throws CONFLICT when there are too many, STATE_UNWRITABLE. */
  async create(stream: string, name: string): Promise<StreamToken & { readonly token: string }> {
    if (this.#tokens.length >= MOST_TOKENS) {
      throw new AgentError('CONFLICT', `There are ${MOST_TOKENS} stream tokens already.`, {
        remedy: 'Take one back with DELETE /api/tokens/ID; GET /api/tokens lists them.',
      })
    }
    const token = randomBytes(TOKEN_BYTES).toString('base64url')
    const shown = { id: randomBytes(6).toString('hex'), stream, name, created: new Date().toISOString() }
    this.#tokens = [...this.#tokens, { ...shown, hash: hashOf(token) }]
    try {
      await this.#write()
    } catch (error) {
      this.#tokens = this.#tokens.filter(({ id }) => id !== shown.id)
      throw error
    }
    return { ...shown, token }
  }

  /** Takes tokens back at once, and ends what was opened with them; false: there is none such. Throws STATE_UNWRITABLE: then they are back after a restart. */
  async revoke(which: { readonly id: string } | { readonly stream: string }): Promise<boolean> {
    const isMeant = (token: Kept) => ('id' in which ? token.id === which.id : token.stream === which.stream)
    const meant = this.#tokens.filter(isMeant)
    if (meant.length === 0) return false
    this.#tokens = this.#tokens.filter((token) => !isMeant(token))
    for (const { id } of meant) this.#held.end(id)
    await this.#write()
    return true
  }

  /** The id of the token, when it is one of this stream; null: it is not. */
  idOf(token: string, stream: string): string | null {
    // Hashes are compared, so that the time it takes tells nothing of a token.
    const hash = hashOf(token)
    return this.#tokens.find((each) => each.hash === hash && each.stream === stream)?.id ?? null
  }

  /** Ends this connection when the token is taken back. */
  hold(id: string, connection: Held): void {
    this.#held.hold(id, connection)
  }

  #write(): Promise<void> {
    const written = this.#writing.then(() => this.#writeNow())
    this.#writing = written.catch(() => undefined) // The one who asked hears of it.
    return written
  }

  async #writeNow(): Promise<void> {
    try {
      await mkdir(dirname(this.#path), { recursive: true, mode: 0o750 })
      await writeFileAtomic(this.#path, `${JSON.stringify({ tokens: this.#tokens }, null, 2)}\n`, 0o600)
    } catch (cause) {
      throw new AgentError(
        'STATE_UNWRITABLE',
        `Cannot write ${this.#path} (${(cause as NodeJS.ErrnoException).code ?? 'unknown reason'}).`,
        {
          remedy: 'Make room on the disk and give headcount the right to write there, then make the change again.',
          cause,
        },
      )
    }
  }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}

import { readFile } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import type { Config } from '../config/schema.ts'
import { type StreamConfig, streamSchema } from '../config/stream-schema.ts'
import type { Line } from '../counting/lines.ts'
import { AgentError } from '../errors.ts'
import { readCrossings, type TrueCrossings } from './crossings-truth.ts'
import { lineMeant, lineOf } from './lines.ts'
import { readTruth, type TrueFrame } from './truth.ts'

/** What a person names. */
export interface EvalWords {
  readonly clip: string
  readonly truthFile: string
  /** null: nobody says who crossed which line. */
  readonly crossingsFile: string | null
  /** The stream whose lines, excluded parts, masks and turn hold for the clip; null: those of no stream. */
  readonly stream: string | null
}

/** What a clip is to be compared with, and where it is counted. */
export interface EvalInputs {
  readonly truth: readonly TrueFrame[]
  readonly stream: StreamConfig
  readonly lines: readonly Line[]
  /** The line that the crossings file tells of, and what it tells. */
  readonly crossings: { readonly line: Line; readonly truth: TrueCrossings } | null
}

/** Reads and checks all that can be checked before the clip is played. Throws TRUTH_UNREADABLE, TRUTH_INVALID or NOT_FOUND. */
export async function readInputs({ clip, truthFile, crossingsFile, stream: id }: EvalWords, config: Config): Promise<EvalInputs> {
  const stream = id === null ? streamSchema.parse({ id: 'clip', source: 'test' }) : streamNamed(id, config)
  const truth = readTruth(await readText(truthFile), truthFile)
  if (crossingsFile === null) return { truth, stream, lines: stream.lines, crossings: null }
  const names = [clip, truthFile].map((file) => basename(file, extname(file)))
  const told = readCrossings(await readText(crossingsFile), { file: crossingsFile, names })
  const line = id === null ? lineOf(told) : lineMeant(stream.lines, told, id)
  return { truth, stream, lines: id === null ? [line] : stream.lines, crossings: { line, truth: told } }
}

function streamNamed(id: string, { streams }: Config): StreamConfig {
  const stream = streams.find((one) => one.id === id)
  if (stream !== undefined) return stream
  const known = streams.map((one) => one.id).join(', ')
  throw new AgentError('NOT_FOUND', `The configuration has no stream "${id}".`, {
    remedy: known === '' ? 'It has none at all: name the file with --config, or leave out --stream.' : `Name one of ${known}.`,
  })
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? 'unknown reason'
    throw new AgentError('TRUTH_UNREADABLE', `Cannot read ${file} (${reason}).`, { remedy: 'Check the path and its rights.', cause })
  }
}

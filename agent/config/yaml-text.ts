import { LineCounter, parseDocument } from 'yaml'
import { AgentError } from '../errors.ts'
import { isTree, type Tree, withoutEmpty } from './layers.ts'
import { isTooDeep, MOST_LEVELS } from './nesting.ts'
import { maskSecrets } from './secrets.ts'

const LARGEST_BYTES = 1024 * 1024

/**
 * The keys and values of a YAML (or JSON) text. Every syntax error is named with its line. Keys without a value count as not written, unless
 * `keepEmpty` says that they mean something.
 */
export function parseYaml(text: string, path: string, { keepEmpty = false }: { keepEmpty?: boolean } = {}): Tree {
  if (text.length > LARGEST_BYTES) {
    throw new AgentError('CONFIG_INVALID', `${path} is larger than 1 MB.`, { remedy: 'Name a configuration file.' })
  }
  const lines = new LineCounter()
  // prettyErrors would quote the line, and with it a password.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  if (document.errors.length > 0) {
    const errors = document.errors.map((error) => `\n  line ${lines.linePos(error.pos[0]).line}: ${maskSecrets(error.message)}`)
    throw new AgentError('CONFIG_INVALID', `${path} is not valid YAML:${errors.join('')}\n`, {
      remedy: 'Correct these lines; mind the indentation, and put values with ": " or "#" in quotes.',
    })
  }
  const written = plainValue(document, path)
  if (isTooDeep(written)) {
    throw new AgentError('CONFIG_INVALID', `${path} is nested deeper than ${MOST_LEVELS} levels.`, {
      remedy: 'Look for a bracket too many, or an alias (*name) within its own anchor (&name).',
    })
  }
  const values = keepEmpty ? written : withoutEmpty(written)
  if (values === null || values === undefined) return {}
  if (!isTree(values)) {
    throw new AgentError('CONFIG_INVALID', `${path} holds no keys.`, { remedy: 'Write "key: value" lines; an empty file is valid too.' })
  }
  return values
}

function plainValue(document: { toJS(): unknown }, path: string): unknown {
  try {
    return document.toJS()
  } catch (cause) {
    // Thrown for aliases that would unfold to more than the library's limit.
    throw new AgentError('CONFIG_INVALID', `${path} cannot be unfolded: ${(cause as Error).message}.`, {
      remedy: 'Write the values out instead of using YAML aliases.',
      cause,
    })
  }
}

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { AgentError } from '../errors.ts'
import { installRoot } from '../install-root.ts'
import type { Command } from './command.ts'

/** Figures of this machine. */
export const benchCommand: Command = {
  name: 'bench',
  words: '[NAME]',
  about: 'Measures this machine; without a name it lists the benches.',
  options: { json: { type: 'boolean', about: 'One JSON object instead of a table.' } },
  wordCount: [0, 1],
  async run({ values, words, signal }) {
    const entry = fileURLToPath(new URL('dist/test/bench/main.js', installRoot))
    if (!existsSync(entry)) {
      throw new AgentError('USAGE', 'The benches are not part of this installation.', {
        remedy: 'Clone the repository, run "./install.sh --prepare" there, then "npm run bench".',
      })
    }
    const child = spawn(process.execPath, [entry, ...words, ...(values['json'] === true ? ['--json'] : [])], { stdio: 'inherit' })
    signal.addEventListener('abort', () => child.kill('SIGTERM'), { once: true })
    const [code] = (await once(child, 'exit')) as [number | null]
    return code ?? 1
  },
}

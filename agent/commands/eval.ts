import { DEFAULT_CONFIG_FILE, loadConfig } from '../config/load.ts'
import { Progress } from '../eval/progress.ts'
import { type Command, textValue } from './command.ts'

/** A clip against its truth. */
export const evalCommand: Command = {
  name: 'eval',
  words: 'CLIP TRUTH.jsonl',
  about: 'Counts people in a clip, every frame of it, and says how well that agrees with the truth.',
  options: {
    crossings: { type: 'string', value: 'FILE', about: 'Who really crossed the line of the clip, and when (JSON).' },
    config: {
      type: 'string',
      value: 'FILE',
      about: `Configuration; default: HEADCOUNT_CONFIG, else ${DEFAULT_CONFIG_FILE}, else defaults.`,
    },
    stream: { type: 'string', value: 'ID', about: 'The stream of it whose lines, exclude, masks, rotate and flip hold for the clip.' },
    json: { type: 'boolean', about: 'One JSON object instead of a table.' },
  },
  wordCount: [2, 2],
  async run({ values, words: [clip = '', truthFile = ''], signal, out }) {
    const loaded = await loadConfig({ file: textValue(values['config']), env: process.env, fileOptional: true })
    const onNote = (text: string) => process.stderr.write(`${text}\n`)
    for (const note of loaded.notes) onNote(note)
    const stream = textValue(values['stream']) ?? null
    if (stream === null && textValue(values['config']) !== undefined && loaded.config.streams.length > 0) {
      onNote('Lines, exclude, masks and turn of the streams are not used: --stream says whose.')
    }
    process.title = 'headcount: eval'
    const { evaluate } = await import('../eval/eval.ts')
    const { reportTable } = await import('../eval/report.ts')
    const crossingsFile = textValue(values['crossings']) ?? null
    const options = { clip, truthFile, crossingsFile, stream, loaded, env: process.env, onNote, signal }
    try {
      const report = await withProgress((onProgress) => evaluate({ ...options, onProgress }))
      out(values['json'] === true ? `${JSON.stringify(report, null, 2)}\n` : reportTable(report))
      return 0
    } catch (error) {
      if (!signal.aborted || error !== signal.reason) throw error
      onNote('Stopped before the end of the clip: nothing is scored.')
      return 1
    }
  },
}

/** A function of its own: TypeScript leaves `import('….ts')` as it is in a function with `using`. */
async function withProgress<T>(act: (onProgress: (done: number, all: number) => void) => Promise<T>): Promise<T> {
  using progress = new Progress(process.stderr)
  return await act((done, all) => progress.show(done, all))
}

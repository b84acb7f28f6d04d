import { AgentError } from '../errors.ts'
import { openLog } from '../log.ts'
import type { Command } from './command.ts'

/** A clip through everything. */
export const demoCommand: Command = {
  name: 'demo',
  words: '',
  about: 'Counts people in a clip through the real thing; touches no camera, NPU or broker of yours.',
  options: { npu: { type: 'string', value: 'sim', about: 'Use the simulated NPU (not there yet).' } },
  wordCount: [0, 0],
  async run({ values, signal }) {
    if (values['npu'] !== undefined) {
      throw new AgentError('USAGE', 'The simulated NPU is not there yet.', {
        remedy: 'Run "headcount demo" without --npu: it detects on the CPU.',
      })
    }
    const { runDemo } = await import('../demo/demo.ts')
    await runDemo({ log: openLog({ level: 'info' }), signal })
    return 0
  },
}

import { AgentError } from '../errors.ts'
import { openLog } from '../log.ts'
import type { Command } from './command.ts'

/** A clip through everything. */
export const demoCommand: Command = {
  name: 'demo',
  words: '',
  about: 'Counts people in a clip through the real thing; touches no camera, NPU or broker of yours.',
  options: { npu: { type: 'string', value: 'sim', about: 'Detect on a simulated Hailo NPU instead of the CPU.' } },
  wordCount: [0, 0],
  async run({ values, signal }) {
    const { npu = null } = values
    if (npu !== null && npu !== 'sim') {
      throw new AgentError('USAGE', `There is no NPU "${String(npu)}" for the demo.`, {
        remedy: 'Write --npu sim for the simulated one, or leave it out: the demo detects on the CPU then.',
      })
    }
    const { runDemo } = await import('../demo/demo.ts')
    await runDemo({ npu, log: openLog({ level: 'info' }), signal })
    return 0
  },
}

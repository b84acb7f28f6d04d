import '../../agent/small-heap.ts'
import { parseArgs } from 'node:util'
import { type AgentOptions, runAgent } from '../../agent/agent.ts'
import { loadConfig } from '../../agent/config/load.ts'
import { openLog } from '../../agent/log.ts'

/** The agent of `headcount run`, with what a test has different; ends on SIGTERM. */
export async function runConfigured(different: Pick<AgentOptions, 'flow' | 'cameras'>): Promise<void> {
  const { values } = parseArgs({ options: { config: { type: 'string' } } })
  const stop = new AbortController()
  process.once('SIGTERM', () => stop.abort())
  const loaded = await loadConfig({ file: values.config, env: process.env })
  await runAgent(loaded.config, { log: openLog({ level: 'info' }), signal: stop.signal, loaded, ...different })
}

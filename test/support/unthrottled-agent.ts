import '../../agent/small-heap.ts'
import { parseArgs } from 'node:util'
import { runAgent } from '../../agent/agent.ts'
import { loadConfig } from '../../agent/config/load.ts'
import { openLog } from '../../agent/log.ts'

/* The agent of `headcount run`, but every frame passes every stage as fast as it goes: for benches. */

const { values } = parseArgs({ options: { config: { type: 'string' } } })
const stop = new AbortController()
process.once('SIGTERM', () => stop.abort())
const loaded = await loadConfig({ file: values.config, env: process.env })
await runAgent(loaded.config, {
  log: openLog({ level: 'info' }),
  signal: stop.signal,
  loaded,
  flow: 'lossless',
})

import '../../agent/small-heap.ts'
import { parseArgs } from 'node:util'
import { runAgent } from '../../agent/agent.ts'
import { findCameras } from '../../agent/config/cameras.ts'
import { loadConfig } from '../../agent/config/load.ts'
import { openLog } from '../../agent/log.ts'

/* The agent of `headcount run`, but what the kernel says of cameras stands in the folder SYS_FOLDER, and is looked at more often. */

const { values } = parseArgs({ options: { config: { type: 'string' } } })
const folder = process.env['SYS_FOLDER']
const stop = new AbortController()
process.once('SIGTERM', () => stop.abort())
const loaded = await loadConfig({ file: values.config, env: process.env })
await runAgent(loaded.config, {
  log: openLog({ level: 'info' }),
  signal: stop.signal,
  loaded,
  cameras: { find: () => findCameras(folder), everyMs: 100 },
})

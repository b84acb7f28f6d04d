import { findCameras } from '../../agent/config/cameras.ts'
import { runConfigured } from './configured-agent.ts'

/* What the kernel says of cameras stands in the folder SYS_FOLDER, and is looked at more often. */

const folder = process.env['SYS_FOLDER']
await runConfigured({ cameras: { find: () => findCameras(folder), everyMs: 100 } })

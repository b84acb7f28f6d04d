import { runConfigured } from './configured-agent.ts'

/* Every frame passes every stage as fast as it goes: for benches. */

await runConfigured({ flow: 'lossless' })

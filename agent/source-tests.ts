import { openSource } from './capture/open-source.ts'
import { probeSource } from './capture/probe.ts'
import type { Tree } from './config/layers.ts'
import { parseStream } from './config/parse-stream.ts'
import { AgentError } from './errors.ts'
import type { SourceReport } from './http/agent-view.ts'

/** Each opens a camera or file in a process of its own. */
const MOST_AT_ONCE = 2

/** Opens sources that nobody has configured yet, to tell what they give. */
export class SourceTests {
  readonly #captureEnv: NodeJS.ProcessEnv
  #running = 0

  constructor(captureEnv: NodeJS.ProcessEnv) {
    this.#captureEnv = captureEnv
  }

  /** `raw` has the keys of a stream but its id, unchecked. Throws CONFLICT while as many are tested as may be. */
  async run(raw: unknown, signal: AbortSignal): Promise<SourceReport> {
    const stream = parseStream({ id: 'test', ...(raw as Tree) })
    if (this.#running >= MOST_AT_ONCE) {
      throw new AgentError('CONFLICT', `${MOST_AT_ONCE} sources are being tested already.`, { remedy: 'Try again when they are done.' })
    }
    this.#running++
    try {
      return await probeSource(await openSource(stream), { env: this.#captureEnv, signal })
    } finally {
      this.#running--
    }
  }
}

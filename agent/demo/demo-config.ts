import { composeConfig, type LoadedConfig } from '../config/load.ts'
import type { Overrides } from '../config/overrides.ts'
import type { Places } from '../config/places.ts'

export interface DemoParts {
  /** null: GStreamer's test picture. */
  readonly clip: string | null
  /** Not auto: an NPU or a model of the person's is not touched. */
  readonly backend: 'hog' | 'hailo'
  readonly brokerUrl: string
  readonly httpPort: number
  readonly places: Places
}

/** The name of this device while it plays the demo. */
export const DEMO_NODE = 'demo'

/** People walk over it in both directions. */
const PATH = { id: 'path', from: [0.25, 0], to: [0.25, 1] }

const NO_OVERRIDES: Overrides = { settings: {}, streams: {}, added: {} }

/** The demo's configuration, through the same schema as a person's. The environment is left out: it may name a broker of theirs. */
export function demoConfig({ clip, backend, brokerUrl, httpPort, places }: DemoParts): LoadedConfig {
  const values = {
    node: DEMO_NODE,
    detector: { backend },
    streams: [
      clip === null
        ? { id: 'test', source: 'test' }
        : {
            id: 'vtest',
            source: `file:${clip}`,
            loop: true,
            frame: { width: 768, height: 576, fps: 10 },
            lines: [PATH],
          },
    ],
    mqtt: { url: brokerUrl },
    http: { host: '0.0.0.0', port: httpPort },
  }
  const composed = composeConfig({ values, overrides: NO_OVERRIDES, env: {}, places, path: null })
  return { ...composed, values, file: null, places, overrides: NO_OVERRIDES }
}

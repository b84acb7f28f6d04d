import { StreamTokens } from '../../agent/http/stream-tokens.ts'
import { Web, type WebOptions } from '../../agent/http/web.ts'
import type { HandAgent } from '../support/mjpeg-agent.ts'
import { type HandCamera, VIEWERS_DOORBELL } from '../support/mjpeg-camera.ts'
import { TOKEN } from './hand-app.ts'

/** The whole HTTP side on a free port, over a camera that is written by hand. */
export async function openWeb(agent: HandAgent, camera: HandCamera, options: Partial<WebOptions> = {}): Promise<Web> {
  return Web.open(agent, {
    host: '127.0.0.1',
    port: 0,
    tls: null,
    token: TOKEN,
    streamTokens: await StreamTokens.open('/nowhere'),
    allowedHosts: 'auto',
    frameAncestors: [],
    jpegQuality: 75,
    video: 'on',
    maxViewers: 40,
    doorbells: camera.doorbells,
    viewersDoorbell: VIEWERS_DOORBELL,
    onBug: (bug) => {
      throw bug
    },
    ...options,
  })
}

/** The counters of a stream's live picture, asked for as everybody would. */
export async function videoCounters(web: Web): Promise<{ viewers: number; encodes: number; framesSent: number; framesSkipped: number }> {
  const { video } = (await get(web, '/api/streams/door').then((response) => response.json())) as {
    video: { viewers: number; encodes: number; framesSent: number; framesSkipped: number }
  }
  return video
}

export async function get(web: Web, path: string): Promise<Response> {
  return fetch(`http://127.0.0.1:${web.port}${path}`, { headers: { Authorization: `Bearer ${TOKEN}` } })
}

import { Access } from '../../agent/http/access.ts'
import { createApp } from '../../agent/http/app.ts'
import { EventFeed } from '../../agent/http/event-feed.ts'
import { readPage } from '../../agent/http/page-routes.ts'
import { StreamTokens } from '../../agent/http/stream-tokens.ts'
import { type HandAgent, handAgent } from '../support/mjpeg-agent.ts'

export const TOKEN = 'a-token-of-this-test-0123456789'
export const bearer = { Authorization: `Bearer ${TOKEN}` }

/** The app with an agent of one stream, `door`, and what it reported as bugs. Without live pictures. */
export async function openApp(agent: HandAgent = handAgent(), stateDir = '/nowhere') {
  const bugs: unknown[] = []
  const streamTokens = await StreamTokens.open(stateDir)
  const access = new Access({ token: TOKEN, machine: 'counter', allowedHosts: ['people.example'], streamTokens })
  const events = new EventFeed(agent)
  const app = createApp(agent, {
    access,
    video: null,
    events,
    streamTokens,
    ending: new AbortController().signal,
    page: await readPage(),
    frameAncestors: [],
    onBug: (bug) => bugs.push(bug),
  })
  return { app, agent, events, streamTokens, bugs }
}

/** A request with a JSON body. */
export function json(method: string, body: unknown, headers: Readonly<Record<string, string>> = bearer): RequestInit {
  return {
    method,
    headers: { 'Content-Type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  }
}

/** The fault in an answer: what every refusal must carry. */
export async function fault(response: Response): Promise<{ readonly code: string; readonly message: string; readonly remedy: string }> {
  const body = (await response.json()) as { code: string; message: string; remedy: string }
  if (body.code === '' || body.message === '' || body.remedy === '') throw new Error('a fault without code, message or remedy')
  return body
}

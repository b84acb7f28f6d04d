import type { MiddlewareHandler } from 'hono'
import { AgentError } from '../errors.ts'
import type { HttpEnv } from './access.ts'

/**
 * Refuses bodies of more than `mostBytes`, also those whose length nobody told. (Hono's own makes a Request out of a Request, which
 * @hono/node-server's are not: every DELETE failed, since it comes without a length.)
 */
export function bodyLimit(mostBytes: number): MiddlewareHandler<HttpEnv> {
  const tooLarge = () =>
    new AgentError('TOO_LARGE', `The body has more than ${mostBytes} bytes.`, { remedy: 'Send less: only the keys that change.' })
  return async (c, next) => {
    const { raw, method } = c.req
    // Node takes no more bytes than were told.
    if (Number(c.req.header('content-length') ?? 0) > mostBytes) throw tooLarge()
    if (c.req.header('content-length') === undefined && !['GET', 'HEAD'].includes(method) && raw.body !== null) {
      const chunks: Uint8Array[] = []
      let size = 0
      for await (const chunk of raw.body as AsyncIterable<Uint8Array>) {
        size += chunk.length
        if (size > mostBytes) throw tooLarge()
        chunks.push(chunk)
      }
      c.req.raw = new Request(raw.url, {
        method,
        headers: raw.headers,
        signal: raw.signal,
        body: size === 0 ? null : Buffer.concat(chunks),
      })
    }
    return next()
  }
}

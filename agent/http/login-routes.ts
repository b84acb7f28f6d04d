import { Hono } from 'hono'
import { AgentError } from '../errors.ts'
import type { Access, HttpEnv } from './access.ts'
import { jsonObject } from './json-body.ts'

/** `POST /login` (JSON or form) and `GET /?token=…`: the token once, then a session cookie. */
export function loginRoutes(access: Access): Hono<HttpEnv> {
  const routes = new Hono<HttpEnv>()
  routes.post('/login', async (c) => {
    const form = c.req.header('content-type')?.startsWith('application/x-www-form-urlencoded') === true
    const { token } = form ? await c.req.parseBody() : await jsonObject(c)
    if (typeof token !== 'string') {
      throw new AgentError('BAD_REQUEST', 'The login holds no token.', { remedy: 'Send {"token": "…"}; it stands in http.tokenFile.' })
    }
    const known = access.login(c, token.trim())
    if (form) return c.redirect(known ? '/' : '/#wrong-token', 303)
    if (known) return c.body(null, 204)
    throw new AgentError('UNAUTHORIZED', 'The token is wrong.', { remedy: 'Use the token that stands in http.tokenFile.' })
  })
  routes.get('/', async (c, next) => {
    const token = c.req.query('token')
    if (token === undefined) return next()
    // Away with the token from the address bar, the history and the next request's Referer.
    return c.redirect(access.login(c, token) ? '/' : '/#wrong-token', 303)
  })
  return routes
}

/** `POST /logout`. */
export function logoutRoutes(access: Access): Hono<HttpEnv> {
  const routes = new Hono<HttpEnv>()
  routes.post('/logout', (c) => {
    access.logout(c)
    return c.body(null, 204)
  })
  return routes
}

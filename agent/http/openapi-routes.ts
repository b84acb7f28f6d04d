import { Hono } from 'hono'
import type { HttpEnv } from './access.ts'
import { ROUTES, type RouteDescription } from './openapi-paths.ts'

/** Any route: a request that cannot be read, no token, a foreign host or origin, too large a body, a bug of ours. */
const REFUSALS = [400, 401, 403, 413, 500]

/** `GET /openapi.json`: every route, as OpenAPI 3.1 (spec.openapis.org/oas/v3.1.1). */
export function openapiRoutes(): Hono<HttpEnv> {
  const routes = new Hono<HttpEnv>()
  const text = JSON.stringify(openapiDocument(ROUTES))
  routes.get('/openapi.json', (c) => c.body(text, 200, { 'Content-Type': 'application/json' }))
  return routes
}

/** The whole description. `version` is that of the API. */
export function openapiDocument(routes: readonly RouteDescription[]): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const route of routes) paths[route.path] = { ...paths[route.path], [route.method]: operation(route) }
  return {
    openapi: '3.1.1',
    info: { title: 'headcount', version: '1', summary: 'Counts people. A number that is not known is null, never 0.' },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }, { basic: [] }, { session: [] }],
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        basic: { type: 'http', scheme: 'basic', description: 'Any user name, the token as password.' },
        session: { type: 'apiKey', in: 'cookie', name: 'headcount_PORT', description: 'Set by POST /login; the name ends in the port.' },
      },
      schemas: {
        Fault: {
          type: 'object',
          required: ['code', 'message', 'remedy'],
          properties: { code: { type: 'string' }, message: { type: 'string' }, remedy: { type: 'string' } },
        },
      },
    },
  }
}

function operation({ method, path, about, query = {}, body, answer, refusals = [], open }: RouteDescription): Record<string, unknown> {
  const [status, type] = answer
  const fault = {
    description: 'Refused: what, why, and what to do.',
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Fault' } } },
  }
  const good = { description: about, ...(type === undefined ? {} : { content: { [type]: {} } }) }
  const refused = [...REFUSALS, ...refusals].map((each) => [String(each), fault] as const)
  return {
    operationId: `${method}${path.replaceAll(/[^a-z]+([a-z]?)/g, (_, letter: string) => letter.toUpperCase())}`,
    summary: about,
    ...(open === true ? { security: [] } : {}),
    parameters: [...pathParameters(path), ...queryParameters(query)],
    ...(body === undefined ? {} : { requestBody: { description: body, content: { 'application/json': { schema: { type: 'object' } } } } }),
    responses: { [String(status)]: good, ...Object.fromEntries(refused) },
  }
}

function pathParameters(path: string): object[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: { type: 'string' } }))
}

function queryParameters(query: Readonly<Record<string, string>>): object[] {
  return Object.entries(query).map(([key, description]) => ({
    name: key.replace(/!$/, ''),
    in: 'query',
    required: key.endsWith('!'),
    description,
    schema: { type: 'string' },
  }))
}

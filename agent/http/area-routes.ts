import { Hono } from 'hono'
import { z } from 'zod'
import { AgentError } from '../errors.ts'
import type { HttpEnv } from './access.ts'
import { type AgentView, type AreaShown, unknownArea } from './agent-view.ts'
import { jsonObject } from './json-body.ts'

const WHO = 'http'
const MOST_INSIDE = 1_000_000

const insideBody = z.strictObject({ value: z.int().min(0).max(MOST_INSIDE) })

/** `GET /api/areas`, and `POST /api/areas/:id/inside` with the number of people somebody has counted ("the room is empty now"). */
export function areaRoutes(view: AgentView): Hono<HttpEnv> {
  const known = (id: string): AreaShown => {
    const area = view.areas().find((each) => each.id === id)
    if (area === undefined) throw unknownArea(id)
    return area
  }
  const routes = new Hono<HttpEnv>()
  routes.get('/api/areas', (c) => c.json(view.areas()))
  routes.post('/api/areas/:id/inside', async (c) => {
    const { id } = known(c.req.param('id'))
    const result = insideBody.safeParse(await jsonObject(c))
    if (!result.success) {
      throw new AgentError('BAD_REQUEST', 'This is no number of people inside.', {
        remedy: `Send {"value": N}, N being a whole number from 0 to ${MOST_INSIDE}.`,
      })
    }
    await view.setInside(id, result.data.value, WHO)
    return c.json(known(id))
  })
  return routes
}

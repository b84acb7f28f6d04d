import { Hono } from 'hono'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isTooDeep } from '../../agent/config/nesting.ts'
import { parseYaml } from '../../agent/config/yaml-text.ts'
import { AgentError } from '../../agent/errors.ts'
import { errorResponse } from '../../agent/http/error-response.ts'
import { jsonObject } from '../../agent/http/json-body.ts'
import { parseCommand } from '../../agent/mqtt/command.ts'

const test = suite('nesting')

const brackets = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)

test('32 levels are enough for everybody', () => {
  assert.not.ok(isTooDeep(null))
  assert.not.ok(isTooDeep({ streams: [{ zones: [{ polygon: [[0, 0]] }] }] }))
  assert.not.ok(isTooDeep(JSON.parse(brackets(32))))
  assert.ok(isTooDeep(JSON.parse(brackets(34))))
  assert.ok(isTooDeep(JSON.parse(`{"a":{"b":${brackets(100_000)}}}`)))
  assert.not.ok(isTooDeep(Array.from({ length: 200_000 }, (_, n) => n)))
})

test('a command that is nested thousands of levels deep is answered, not obeyed', () => {
  const parsed = parseCommand(Buffer.from(`{"type":"START","stream_id":"door","detectFps":${brackets(7_000)}}`), {
    allowLocalSources: false,
  })
  assert.ok('fault' in parsed)
  assert.is(parsed.fault.code, 'BAD_REQUEST')
  assert.match(parsed.fault.message, 'levels')
})

test('a request that is nested thousands of levels deep is refused', async () => {
  const app = new Hono()
  app.post('/', async (c) => c.json(await jsonObject(c)))
  app.onError((error, c) =>
    errorResponse(c, error, (bug) => {
      throw bug
    }),
  )
  const send = (body: string) => app.request('/', { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  assert.is((await send('{"frame":{"width":640}}')).status, 200)
  const refused = await send(`{"frame":${brackets(30_000)}}`)
  assert.is(refused.status, 400)
  assert.is(((await refused.json()) as { code: string }).code, 'BAD_REQUEST')
})

test('a configuration that is nested too deep, or holds itself, is a wrong configuration', () => {
  for (const text of ['a: &a {b: *a}', `a: &a [${'*a, '.repeat(40)}1]`, `a: ${brackets(300)}`]) {
    try {
      parseYaml(text, '/c.yaml')
      assert.unreachable(text)
    } catch (error) {
      assert.instance(error, AgentError, String(error))
      assert.is((error as AgentError).code, 'CONFIG_INVALID')
    }
  }
  assert.equal(parseYaml('a: [&p {x: 0.5}, *p]', '/c.yaml'), { a: [{ x: 0.5 }, { x: 0.5 }] })
})

test.run()

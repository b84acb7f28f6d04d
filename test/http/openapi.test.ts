import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readPage } from '../../agent/http/page-routes.ts'
import { handAgent } from '../support/mjpeg-agent.ts'
import { bearer, json, openApp } from './hand-app.ts'

const test = suite('openapi')

interface Operation {
  readonly operationId: string
  readonly security?: readonly unknown[]
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly required: boolean }[]
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>
}
interface Description {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

async function described() {
  const { app } = await openApp()
  const response = await app.request('/openapi.json', { headers: bearer })
  assert.match(response.headers.get('Content-Type') ?? '', 'application/json')
  return (await response.json()) as Description
}

test('describes every route that exists, and no other', async () => {
  const { app } = await openApp()
  const files = new Set((await readPage()).map(({ path }) => path).filter((path) => path !== '/'))
  const real = app.routes
    .filter(({ method, path }) => method !== 'ALL' && !files.has(path))
    .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`)
  const told = Object.entries((await described()).paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )
  assert.equal([...new Set(real)].sort(), told.sort())
})

test('is whole: every id of a path is a parameter, every operation has a name of its own and its answers', async () => {
  const { openapi, paths } = await described()
  assert.match(openapi, /^3\.1\./)
  const names = new Set<string>()
  for (const [path, methods] of Object.entries(paths)) {
    for (const operation of Object.values(methods)) {
      assert.not(names.has(operation.operationId), operation.operationId)
      names.add(operation.operationId)
      const inPath = operation.parameters.filter((parameter) => parameter.in === 'path')
      assert.equal(
        inPath.map(({ name, required }) => [name, required]),
        [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => [name, true]),
      )
      assert.ok(Object.keys(operation.responses).some((status) => /^20\d$/.test(status)))
      assert.ok('401' in operation.responses && '403' in operation.responses)
    }
  }
})

test('says truly which routes are open', async () => {
  const { app } = await openApp()
  for (const [path, methods] of Object.entries((await described()).paths)) {
    for (const [method, { security }] of Object.entries(methods)) {
      const response = await app.request(path.replaceAll(/\{\w+\}/g, 'door'), { method: method.toUpperCase() })
      assert.is(response.status === 401, security === undefined, `${method} ${path}`)
    }
  }
})

test('names the status and type that each route answers with, and the refusals of nonsense', async () => {
  const agent = handAgent()
  const { app, bugs } = await openApp(agent)
  for (const [path, methods] of Object.entries((await described()).paths)) {
    for (const [method, { responses }] of Object.entries(methods)) {
      for (const id of ['door', 'shop', 'nobody', '%00', '%F0%9F']) {
        const init =
          method === 'get' || method === 'delete'
            ? { method: method.toUpperCase(), headers: bearer }
            : json(method.toUpperCase(), { nonsense: 1 })
        const response = await app.request(path.replaceAll(/\{\w+\}/g, id), init)
        const answer = responses[String(response.status)]
        assert.ok(answer !== undefined, `${method} ${path} of ${id} answers ${response.status}`)
        const type = response.headers.get('Content-Type')?.split(';')[0]
        if (type !== undefined) assert.ok(Object.keys(answer.content ?? {}).includes(type), `${method} ${path} answers ${type}`)
        await response.body?.cancel()
      }
    }
  }
  assert.equal(
    bugs.map((bug) => (bug instanceof Error ? bug.stack : bug)),
    [],
  )
})

test.run()

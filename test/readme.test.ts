import { readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { z } from 'zod'
import { keysOf, schemaAt, settingPaths } from '../agent/config/keys.ts'
import { configSchema } from '../agent/config/schema.ts'
import { metricFamilies } from '../agent/http/metrics.ts'
import { readPage } from '../agent/http/page-routes.ts'
import { installRoot } from '../agent/install-root.ts'
import { detectionsTopic } from '../agent/mqtt/detections.ts'
import { eventMessage } from '../agent/mqtt/events.ts'
import { areaTopic, COMMAND, COMMAND_RESULT, NODE_STATUS, STATS, stateMessages } from '../agent/mqtt/topics.ts'
import { VITALS } from './health/vitals-for-test.ts'
import { openApp } from './http/hand-app.ts'
import { streamReport } from './mqtt/stream-report.ts'

const test = suite('README')

const read = (path: string) => readFileSync(new URL(path, installRoot), 'utf8')
const readme = read('README.md')

/** What stands as code in the first column of tables whose first column is headed so, row by row. */
function firstColumn(heading: string): string[][] {
  return readme
    .split('\n\n')
    .map((block) => block.trim().split('\n'))
    .filter(([head = '']) => head.split('|')[1]?.trim() === heading)
    .flatMap(([_head, _rule, ...rows]) =>
      rows.map((row) => [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, code = '']) => code)),
    )
}

/** All keys that are not groups of keys themselves; those of a list's entries as `list[].key`. */
function keysBelow(schema: z.core.$ZodType): string[] {
  return settingPaths(schema).flatMap((path) => {
    const entry = schemaAt(schema, [...path, 0])
    const entries = keysOf(entry).length === 0 || entry === null ? [] : keysBelow(entry)
    return [path.join('.'), ...entries.map((key) => `${path.join('.')}[].${key}`)]
  })
}

/** Routes of one row: "`GET`, `PATCH /a/b`" is two, "`POST /a/b`, `…/c`" too. */
function routesOf(codes: readonly string[]): string[] {
  const routes: string[] = []
  let methods: string[] = []
  for (const code of codes) {
    const [, method, path] = /^([A-Z]+)? ?(\S+)?$/.exec(code) ?? []
    if (method) methods = routes.length > 0 ? [method] : [...methods, method]
    if (path === undefined) continue
    const full = path.startsWith('…') ? `${(routes.at(-1) ?? '').replace(/^\S+ /, '').replace(/\/[^/]+$/, '')}${path.slice(1)}` : path
    routes.push(...methods.map((each) => `${each} ${full}`))
  }
  return routes
}

test('has one line for each error code, and none for a code that does not exist', () => {
  const [list = ''] = read('agent/errors.ts').match(/AgentErrorCode =[\s\S]*?\n\n/) ?? []
  const codes = [...list.matchAll(/'([A-Z_]+)'/g)].map(([, code]) => code)
  const [section = ''] = readme.slice(readme.indexOf('## Error codes') + 1).split('\n## ')
  const told = [...section.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, code]) => code)
  assert.ok(codes.length > 30)
  assert.equal([...told].sort(), [...codes].sort())
})

test('has one row for each key of the configuration, and none for a key that does not exist', () => {
  const told = firstColumn('key').map(([key = '']) => key)
  const keys = keysBelow(configSchema)
  assert.ok(keys.includes('streams[].zones[].polygon') && keys.includes('http.tls.cert'))
  assert.equal([...told].sort(), [...keys].sort())
})

test('has every route in its table, and no other', async () => {
  const { app } = await openApp()
  const files = (await readPage()).map(({ path }) => `GET ${path}`).filter((path) => path !== 'GET /')
  const routes = app.routes.map(({ method, path }) => `${method} ${path}`)
  const answered = new Set(routes.filter((route) => !route.startsWith('ALL ') && !files.includes(route)))
  assert.ok(answered.has('DELETE /api/streams/:id'))
  assert.equal(firstColumn('route').flatMap(routesOf).sort(), [...answered].sort())
})

test('has every topic in its table, and no other', () => {
  const zones = { '<zone>': { count: 0, dwellCount: 0, dwellMeanS: null, dwellP90S: null } }
  const lines = { '<line>': { in: 0, out: 0, inToday: 0, outToday: 0 } }
  const { suffix: event } = eventMessage({ id: '', stream: '<stream>', type: 'vacant', atMs: 0, track: null })
  const suffixes = [
    ...[NODE_STATUS, STATS, COMMAND, COMMAND_RESULT, event, areaTopic('<area>'), detectionsTopic('<stream>')],
    ...stateMessages('<stream>', streamReport({ zones, lines })).map(({ suffix }) => suffix),
  ]
  const told = firstColumn('topic').flatMap(([first = '', ...others]) => [
    first,
    ...others.map((other) => first.replace(/[^/]+$/, other.replace('…/', ''))),
  ])
  assert.equal(told.sort(), suffixes.sort())
})

test('has every metric in its table, and no other', () => {
  const told = firstColumn('`headcount_…`').flat()
  const names = metricFamilies([], VITALS).map(({ name }) => name.replace(/^headcount_/, ''))
  assert.ok(names.includes('npu_temperature_celsius'))
  assert.equal(told.sort(), names.sort())
})

test('names the commands of package.json that people use', () => {
  for (const command of ['./install.sh --demo', 'npm test', 'npm run bench', 'npm run check']) assert.match(readme, command)
})

test('lists every bench', () => {
  const names = [...read('test/bench/main.ts').matchAll(/^ {2}(\w+): async/gm)].map(([, name]) => name ?? '')
  assert.ok(names.length >= 4)
  for (const name of names) assert.match(readme, `-- ${name}`)
})

test.run()

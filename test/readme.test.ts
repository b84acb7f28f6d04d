import { readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { installRoot } from '../agent/install-root.ts'

const test = suite('README')

const read = (path: string) => readFileSync(new URL(path, installRoot), 'utf8')
const readme = read('README.md')

test('has one line for each error code, and none for a code that does not exist', () => {
  const [list = ''] = read('agent/errors.ts').match(/AgentErrorCode =[\s\S]*?\n\n/) ?? []
  const codes = [...list.matchAll(/'([A-Z_]+)'/g)].map(([, code]) => code)
  const [section = ''] = readme.slice(readme.indexOf('## Error codes') + 1).split('\n## ')
  const told = [...section.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, code]) => code)
  assert.ok(codes.length > 30)
  assert.equal([...told].sort(), [...codes].sort())
})

test('names every key of the configuration', () => {
  const schema = read('agent/config/schema.ts') + read('agent/config/stream-schema.ts')
  const keys = [...schema.matchAll(/^ {2,4}([a-z][A-Za-z]+): (?:z|zod|path|id|source|evenSide|point)/gm)].map(([, key]) => key ?? '')
  assert.ok(keys.length > 30, `found only ${keys.join(', ')}`)
  const missing = keys.filter((key) => !readme.includes(key))
  assert.equal(missing, [])
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

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { installRoot } from '../../agent/install-root.ts'
import { scene } from './run-scenario.ts'

const page = readFileSync(fileURLToPath(new URL('native/simulator/README.md', installRoot)), 'utf8')

const test = suite("the simulator's page")

test('has an example for each fault, and the simulator takes them all', async () => {
  const faults = [...page.matchAll(/^\| `([a-z-]+)` \| .*$/gm)].map(([, name]) => name)
  const named = faults.slice(faults.indexOf('timeout'))
  const examples = [...page.matchAll(/^order '(.*)'$/gm)].map(([, json = '']) => JSON.parse(json) as { fault?: string })
  assert.equal([...new Set(examples.flatMap(({ fault }) => fault ?? []))], named)
  assert.is(named.length, 9)
  for (const example of examples) {
    using made = scene(example)
    assert.not.match((await made.run('control', 'usual')).stderr, 'hailort-sim', JSON.stringify(example))
  }
})

test.run()

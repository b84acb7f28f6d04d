import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { scene } from './run-scenario.ts'

const test = suite('what the simulator refuses')

test('any one NULL is an invalid argument, before anything else is looked at', async () => {
  using made = scene()
  const statuses = (await made.run('refusals', 'oneNull')).result as Record<string, number[]>
  assert.ok(Object.values(statuses).flat().length > 60)
  for (const [name, each] of Object.entries(statuses))
    assert.equal(
      each,
      each.map(() => 2),
      name,
    )
})

test('thousands of damaged HEFs are refused or read, and harm nothing', async () => {
  using made = scene()
  const { result, signal, stderr } = await made.run('refusals', 'damagedHefs')
  assert.is(signal, null, stderr.slice(-2_000))
  const { 0: taken = 0, 91: corrupt = 0, 92: foreign = 0, ...others } = result as Record<string, number>
  assert.equal(others, {})
  // Damage of every kind: what still makes sense, what does not, what is no HEF any more.
  assert.ok(taken > 100 && corrupt > 1_000 && foreign > 100, JSON.stringify(result))
})

test('what is no file is not opened, and what no memory holds is not taken', async () => {
  using made = scene()
  const { result, signal } = await made.run('refusals', 'unusableHefs')
  assert.is(signal, null)
  assert.equal(result, { pipe: 13, device: 13, hugeOutput: 91, hugeInput: 91, deepJson: 91, emptyJson: 91, whole: 0 })
})

test.run()

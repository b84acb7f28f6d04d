import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { crossingsChaos } from '../bench/crossings-chaos.ts'

const test = suite('crossings on their way through kills and restarts')

test('each is in history once and reaches a subscriber in order under one id, and totals are their sums, whatever is killed meanwhile', async () => {
  const { repeats, seconds, ...account } = await crossingsChaos({ crossings: 400, perSecond: 100, kills: 4, restarts: 3, seed: 5 })
  assert.equal(
    account,
    { committed: 400, missing: 0, doubled: 0, lost: 0, wrong: 0, outOfOrder: 0, totalsWrong: 0, kills: 4, restarts: 3 },
    `${repeats} repeats in ${seconds} s`,
  )
})

test.run()

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { fuzzHttp } from '../bench/fuzz-http.ts'

const test = suite('random requests')

const REQUESTS = 2_000
const SEED = 1

test('the agent answers each as README says, starts nothing that stays, and counts afterwards', async () => {
  process.env['HEADCOUNT_TEST'] = '1'
  const { faults, processes, answers, sizes } = await fuzzHttp(REQUESTS, SEED)
  assert.equal(faults, [])
  assert.is(processes.after, processes.before)
  const descriptors = sizes.map((size) => size.descriptors)
  assert.ok((descriptors.at(-1) ?? NaN) <= (descriptors[0] ?? NaN) + 8, `no connection stays open: ${descriptors.join(' ')}`)
  // A fuzzer that is refused at the door tries nothing.
  for (const status of [200, 400, 401, 404]) assert.ok((answers[status] ?? 0) >= REQUESTS / 50, `${status}: ${JSON.stringify(answers)}`)
})

test.run()

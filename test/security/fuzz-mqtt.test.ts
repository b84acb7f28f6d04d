import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { fuzzMqtt } from '../bench/fuzz-mqtt.ts'

const test = suite('random commands')

const COMMANDS = 2_000
const SEED = 1

test('the agent answers each once, starts nothing that stays, and counts afterwards', async () => {
  process.env['HEADCOUNT_TEST'] = '1'
  const { faults, processes, answers } = await fuzzMqtt(COMMANDS, SEED)
  assert.equal(faults, [])
  assert.is(processes.after, processes.before)
  assert.is(
    Object.values(answers).reduce((sum, times) => sum + times, 0),
    COMMANDS,
  )
  // A fuzzer that is refused at the door tries nothing.
  for (const answer of ['ok', 'NOT_FOUND', 'FORBIDDEN', 'CONFIG_INVALID']) assert.ok((answers[answer] ?? 0) > 0, JSON.stringify(answers))
})

test.run()

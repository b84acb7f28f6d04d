import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { simulatedNpuEnv } from '../../agent/demo/simulated-npu.ts'
import { AgentError } from '../../agent/errors.ts'
import { simulatorPath } from '../simulator/calls.ts'
import { Tree } from '../support/tree.ts'

const test = suite('the simulated NPU of the demo')

test('is the one of this checkout, also where the person has named the library of a real one', () => {
  for (const named of [{}, { HAILORT_LIB: '' }, { HAILORT_LIB: '/usr/lib/libhailort.so' }]) {
    const env = simulatedNpuEnv({ PATH: '/bin', ...named }, '/tmp/demo')
    assert.match(env['HAILORT_LIB'] ?? '', /native\/build\/Release\/libhailort-sim\.so$/)
    assert.is(env['PATH'], '/bin')
  }
})

test('is another build of the simulator where that is named, with the control file that is named', () => {
  const env = { HAILORT_LIB: simulatorPath, HAILORT_SIM_CONTROL: '/tmp/control.json' }
  assert.equal(simulatedNpuEnv(env, '/tmp/demo'), env)
})

test('has a control file of its own otherwise, so that it shares no device', () => {
  assert.is(simulatedNpuEnv({}, '/tmp/demo')['HAILORT_SIM_CONTROL'], '/tmp/demo/npu.json')
})

test('says what to do when it is not there', async () => {
  await using tree = await Tree.make()
  assert.throws(
    () => simulatedNpuEnv({ HAILORT_LIB: tree.at('libhailort-sim.so') }, '/tmp/demo'),
    (error: unknown) => error instanceof AgentError && error.code === 'BACKEND_UNAVAILABLE' && error.what.includes(tree.path),
  )
})

test.run()

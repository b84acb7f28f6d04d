import { bindingError, statusError } from 'hailort-node/hailort-status'
import { HefError } from 'hailort-node/hef'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { npuFault } from '../../../agent/engine/detectors/hailo-fault.ts'
import { AgentError } from '../../../agent/errors.ts'

const status = (number: number, call = 'vstream_read_raw_buffer') => statusError(number, call, () => null)

function faultOf(error: unknown, devices?: number): AgentError {
  const fault = npuFault(error, devices)
  assert.instance(fault, AgentError)
  return fault as AgentError
}

const test = suite('faults of the NPU')

test('every situation that a person can do something about has a code of its own', () => {
  const codes = {
    4: 'NPU_TIMEOUT',
    8: 'NPU_FAILED',
    13: 'MODEL_MISSING',
    36: 'NPU_DENIED',
    64: 'BACKEND_UNAVAILABLE',
    73: 'NPU_BUSY',
    76: 'NPU_DRIVER_MISMATCH',
    87: 'NPU_TIMEOUT',
    91: 'MODEL_UNREADABLE',
    93: 'MODEL_UNSUPPORTED',
    4711: 'NPU_FAILED',
  }
  for (const [number, code] of Object.entries(codes)) assert.is(faultOf(status(Number(number))).code, code, number)
  assert.is(faultOf(bindingError('LIBRARY_MISSING', 'None.')).code, 'BACKEND_UNAVAILABLE')
  assert.is(faultOf(new HefError('HEF_OTHER_CHIP', 'Other.', { remedy: 'Take another.' })).code, 'MODEL_UNSUPPORTED')
})

test('no free device is one that is missing only where none was found', () => {
  assert.is(faultOf(status(74, 'create_vdevice'), 0).code, 'NPU_MISSING')
  assert.is(faultOf(status(74, 'create_vdevice'), 1).code, 'NPU_BUSY')
  assert.is(faultOf(status(74, 'create_vdevice')).code, 'NPU_BUSY')
})

test('what headcount does by itself is nobody else to do', () => {
  const own = [
    ...[4, 8, 62, 63, 87, 88, 90].map((number) => status(number)),
    bindingError('OUTPUT_CORRUPT', 'NaN.'),
    bindingError('CLOSED', 'Shut.'),
  ]
  for (const error of own) {
    const { remedy } = faultOf(error)
    assert.match(remedy, 'by itself', error.code)
    assert.match(remedy, 'headcount doctor')
    assert.not.match(remedy, /Open the device|modprobe|Configure the model/)
  }
})

test('any other remedy of the binding is kept, and so is the cause', () => {
  for (const error of [status(8, 'configure_vdevice'), status(36), status(76), status(93), bindingError('LIBRARY_UNSUPPORTED', '5.2.')]) {
    const fault = faultOf(error)
    assert.is(fault.remedy, error.remedy)
    assert.is(fault.cause, error)
    assert.is(fault.what, error.what)
  }
})

test('what is no fault of the NPU stays what it is', () => {
  const bug = new TypeError('a bug')
  assert.is(npuFault(bug), bug)
})

test.run()

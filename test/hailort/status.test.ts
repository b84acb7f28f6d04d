import { bindingError, HAILO_STATUSES, HailoError, hailoError, statusError } from 'hailort-node/hailort-status'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

/** All numbers that a binding of 4.x can meet and should have words for, with HailoRT's names. */
const NAMES: Readonly<Record<number, string>> = {
  0: 'HAILO_SUCCESS',
  2: 'HAILO_INVALID_ARGUMENT',
  3: 'HAILO_OUT_OF_HOST_MEMORY',
  4: 'HAILO_TIMEOUT',
  5: 'HAILO_INSUFFICIENT_BUFFER',
  6: 'HAILO_INVALID_OPERATION',
  7: 'HAILO_NOT_IMPLEMENTED',
  8: 'HAILO_INTERNAL_FAILURE',
  13: 'HAILO_OPEN_FILE_FAILURE',
  16: 'HAILO_UNSUPPORTED_FW_VERSION',
  26: 'HAILO_INVALID_HEF',
  36: 'HAILO_DRIVER_OPERATION_FAILED',
  47: 'HAILO_OUT_OF_DESCRIPTORS',
  61: 'HAILO_NOT_FOUND',
  62: 'HAILO_COMMUNICATION_CLOSED',
  63: 'HAILO_STREAM_ABORT',
  64: 'HAILO_DRIVER_NOT_INSTALLED',
  73: 'HAILO_DEVICE_IN_USE',
  74: 'HAILO_OUT_OF_PHYSICAL_DEVICES',
  76: 'HAILO_INVALID_DRIVER_VERSION',
  77: 'HAILO_RPC_FAILED',
  79: 'HAILO_NOT_SUPPORTED',
  81: 'HAILO_OUT_OF_HOST_CMA_MEMORY',
  82: 'HAILO_QUEUE_IS_FULL',
  85: 'HAILO_DRIVER_INVALID_RESPONSE',
  86: 'HAILO_DRIVER_INVALID_IOCTL',
  87: 'HAILO_DRIVER_TIMEOUT',
  88: 'HAILO_DRIVER_INTERRUPTED',
  90: 'HAILO_DRIVER_WAIT_CANCELED',
  91: 'HAILO_HEF_FILE_CORRUPTED',
  92: 'HAILO_HEF_NOT_SUPPORTED',
  93: 'HAILO_HEF_NOT_COMPATIBLE_WITH_DEVICE',
  94: 'HAILO_INVALID_HEF_USE',
  95: 'HAILO_OPERATION_ABORTED',
  96: 'HAILO_DEVICE_NOT_CONNECTED',
  97: 'HAILO_DEVICE_TEMPORARILY_UNAVAILABLE',
}

const none = () => null
/** What the addon throws. */
const thrown = (code: string, message: string) => Object.assign(new Error(message), { code })

function converted(error: unknown, nameOf: (status: number) => string | null = none): HailoError {
  const is = hailoError(error, nameOf)
  assert.instance(is, HailoError)
  return is as HailoError
}

const test = suite('statuses of HailoRT')

test('every status becomes an error with its name, its number, the call and a remedy', () => {
  assert.equal(Object.keys(HAILO_STATUSES), Object.keys(NAMES))
  for (const [number, name] of Object.entries(NAMES)) {
    const error = converted(thrown(`HAILO_STATUS_${number}`, 'identify'))
    assert.is(error.code, name)
    assert.is(error.status, Number(number))
    assert.is(error.call, 'hailo_identify')
    assert.is(error.what, `hailo_identify failed: ${name} (${number}).`)
    assert.match(error.remedy, /^[A-Z].{10,}\.$/)
    assert.is(error.message, `${error.what} ${error.remedy} [${name}]`)
  }
})

test('a status that is not in the table has the name the library gives it, or its number', () => {
  const asked: number[] = []
  const named = converted(thrown('HAILO_STATUS_199', 'scan_devices'), (status) => {
    asked.push(status)
    return 'HAILO_OF_TOMORROW'
  })
  assert.equal(asked, [199])
  assert.is(named.code, 'HAILO_OF_TOMORROW')
  assert.is(named.status, 199)
  assert.ok(named.remedy.includes('number'))
  assert.is(converted(thrown('HAILO_STATUS_4294967295', 'scan_devices')).code, 'HAILO_STATUS_4294967295')
})

test('the remedies say what a person can do', () => {
  const remedy = (status: number, call = 'create_vdevice') => statusError(status, call, none).remedy
  assert.match(remedy(74), /ribbon cable.*lspci.*fuser -v \/dev\/hailo0/)
  assert.match(remedy(73), /fuser -v \/dev\/hailo0/)
  assert.match(remedy(76), /sudo apt full-upgrade && sudo reboot/)
  assert.match(remedy(36), /dmesg.*power supply.*group/)
  assert.match(remedy(93), /HEF for this chip/)
  assert.match(remedy(8, 'configure_vdevice'), /options hailo_pci force_desc_page_size=4096/)
  assert.not.match(remedy(8, 'vstream_read_raw_buffer'), /force_desc_page_size/)
  assert.match(remedy(2, 'create_vdevice'), /device id/)
})

test('what the binding finds itself keeps its words and has a remedy', () => {
  for (const fault of [
    'LIBRARY_MISSING',
    'LIBRARY_UNSUPPORTED',
    'LIBRARY_INCOMPLETE',
    'MODEL_UNSUPPORTED',
    'OUTPUT_CORRUPT',
    'NO_THREAD',
    'CLOSED',
  ] as const) {
    const cause = thrown(fault, 'It is so.')
    const error = converted(cause)
    assert.equal([error.code, error.status, error.call, error.what, error.cause], [fault, null, null, 'It is so.', cause])
    assert.match(error.remedy, /^[A-Z].{10,}\.$/)
  }
  assert.is(bindingError('CLOSED', 'It is closed.').message, 'It is closed. Open the device again. [CLOSED]')
})

test('what is no failure of HailoRT stays what it is', () => {
  for (const other of [
    new TypeError('frame'),
    thrown('ENOENT', 'no file'),
    thrown('toString', 'x'),
    thrown('HAILO_STATUS_', ''),
    7,
    null,
  ]) {
    assert.is(hailoError(other, none), other)
  }
  const numbered = Object.assign(new Error('x'), { code: 4 })
  assert.is(hailoError(numbered, none), numbered)
})

test.run()

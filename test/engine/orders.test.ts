import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseOrder } from '../../agent/engine/orders.ts'

const attach = { type: 'attach', stream: 'door', ringPath: '/tmp/door.1.ring', detectFps: 30, weight: 1 }

const test = suite('engine orders')

test('takes an order as it is', () => {
  assert.is(parseOrder(attach), attach)
  assert.equal(parseOrder({ type: 'stop' }), { type: 'stop' })
})

test('takes nothing else for one', () => {
  const garbage = [
    undefined,
    null,
    7,
    'stop',
    [],
    {},
    { type: 'dance' },
    { type: 'start' },
    { type: 'start', detector: {}, doorbellsPath: '/x', doorbell: 0, parentPid: 1 },
    { ...attach, stream: '' },
    { ...attach, ringPath: 7 },
    { ...attach, detectFps: 0 },
    { ...attach, weight: NaN },
    { type: 'detach' },
  ]
  for (const message of garbage) assert.is(parseOrder(message), null, JSON.stringify(message))
})

test.run()

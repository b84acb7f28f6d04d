import { once } from 'node:events'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { scene } from './run-scenario.ts'

const test = suite('who owns the simulated device')

test('a device has one owner among processes, and is free when its owner is killed', async () => {
  using made = scene()
  const holder = made.start('owners', 'hold')
  const [line] = (await once(holder.stdout, 'data')) as [Buffer]
  assert.is(line.toString(), '0\n')
  assert.equal((await made.run('owners', 'take')).result, 74)
  const exited = once(holder, 'exit')
  holder.kill('SIGKILL')
  await exited
  assert.equal((await made.run('owners', 'take')).result, 0)
})

test('two processes each have a device when there are two', async () => {
  using made = scene({ devices: [{ id: '0000:01:00.0' }, { id: '0001:01:00.0' }] })
  const holders = [made.start('owners', 'hold'), made.start('owners', 'hold')]
  for (const holder of holders) assert.is(String((await once(holder.stdout, 'data'))[0]), '0\n')
  assert.equal((await made.run('owners', 'take')).result, 74)
})

test("a buffer is its program's again when its vstream was released, though the answer comes later", async () => {
  using made = scene()
  assert.equal((await made.run('owners', 'lateAfterRelease')).result, { statuses: [0, 4, 0], untouched: true })
})

test('what would be use after free ends the process and says why', async () => {
  for (const [name, says] of [
    ['releaseUnderReader', /a vstream of "tiny" is released while a call is inside it/],
    ['vdeviceUnderReader', /release_vdevice while a vstream of "tiny" is being written or read/],
    ['useAfterRelease', /a network group used after its release/],
  ] as const) {
    using made = scene()
    const { signal, stderr } = await made.run('owners', name)
    assert.is(signal, 'SIGABRT', name)
    assert.match(stderr, says)
  }
})

test.run()

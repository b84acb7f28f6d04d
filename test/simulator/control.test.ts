import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, symlinkSync, truncateSync, utimesSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { scene } from './run-scenario.ts'

const test = suite('the control file of the simulator')

const MISTAKE = /^hailort-sim: control file .* is taken for \{\}: .*$/gm
/** The usual device opens; then it is in use. */
const USUAL = [0, 74]

for (const [what, put] of [
  ['a folder', (path: string) => mkdirSync(path)],
  ['a named pipe', (path: string) => execFileSync('mkfifo', [path])],
  ['a link to itself', (path: string) => symlinkSync(path, path)],
] as const)
  test(`${what} instead of the file is said once and taken for an empty one`, async () => {
    using made = scene()
    rmSync(made.control)
    put(made.control)
    const { result, stderr } = await made.run('control', 'usual')
    assert.equal(result, USUAL)
    assert.is(stderr.match(MISTAKE)?.length, 1, stderr)
  })

test('a file that is far too large is not read', async () => {
  using made = scene()
  truncateSync(made.control, 2 ** 40)
  const { result, stderr } = await made.run('control', 'usual')
  assert.equal(result, USUAL)
  assert.match(stderr, /too large/)
})

test('no file at all is no mistake', async () => {
  using made = scene()
  rmSync(made.control)
  const { result, stderr } = await made.run('control', 'usual')
  assert.equal(result, USUAL)
  assert.not.match(stderr, 'hailort-sim')
})

test('with a mistake anywhere in it nothing of the file is taken, the devices neither', async () => {
  using made = scene({ devices: [{ id: '0009:01:00.0' }], fault: 'gremlins' })
  const { result, stderr } = await made.run('control', 'usual')
  assert.equal(result, USUAL)
  assert.is(stderr.match(MISTAKE)?.length, 1, stderr)
})

test('a device goes on while its control file becomes a folder, is gone, and comes back', async () => {
  using made = scene()
  const { result, signal } = await made.run('control', 'replaced')
  assert.is(signal, null)
  assert.equal(result, [[0, 0], [0, 0], [0, 0], [36]])
})

test('half a file is a mistake until the other half is written', async () => {
  using made = scene()
  const { result, stderr } = await made.run('control', 'halfWritten')
  assert.equal(result, { half: [0, 0], whole: [0, 4] })
  assert.match(stderr, MISTAKE)
})

test('the seconds of a fault count from when the file was written, in whatever process', async () => {
  using made = scene({ fault: 'stall', seconds: 1_000 })
  assert.equal((await made.run('control', 'infer')).result, [0, 4])
  const longAgo = Date.now() / 1_000 - 1_001
  utimesSync(made.control, longAgo, longAgo)
  assert.equal((await made.run('control', 'infer')).result, [0, 0])
})

test.run()

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { installRoot } from '../../agent/install-root.ts'
import { skip } from '../support/skip.ts'

const script = fileURLToPath(new URL('native/vision/unpack-opencv.sh', installRoot))
const opencv = fileURLToPath(new URL('native/opencv/', installRoot))

function isUnpacked(): boolean {
  const unpacked = existsSync(`${opencv}libraries`)
  if (!unpacked) skip('native/opencv is not unpacked')
  return unpacked
}

const test = suite('unpack opencv')

test('a second run needs neither network nor package lists and touches nothing', () => {
  if (!isUnpacked()) return
  const before = statSync(opencv).mtimeMs
  // No apt works with this configuration.
  const { status, stderr } = spawnSync(script, { env: { ...process.env, APT_CONFIG: '/dev/null/none' }, encoding: 'utf8' })
  assert.is(status, 0, stderr)
  assert.is(statSync(opencv).mtimeMs, before)
})

test('what is linked is a runtime library of one release, by its full name', () => {
  if (!isUnpacked()) return
  const names = readFileSync(`${opencv}libraries`, 'utf8').trim().split(' ')
  assert.equal(new Set(names.map((name) => name.replace(/.*\.so\./, ''))).size, 1)
  for (const name of names) assert.match(name, /^-l:libopencv_[a-z]+\.so\.\d+$/)
})

test('an unknown argument is refused and changes nothing', () => {
  const { status, stderr } = spawnSync(script, ['everything'], { encoding: 'utf8' })
  assert.is(status, 1)
  assert.match(stderr, 'Unknown argument')
})

test.run()

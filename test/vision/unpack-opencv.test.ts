import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { installRoot } from '../../agent/install-root.ts'
import { temporaryFolder } from '../ring/temporary-ring.ts'
import { skip } from '../support/skip.ts'

const script = fileURLToPath(new URL('native/vision/unpack-opencv.sh', installRoot))
const opencv = fileURLToPath(new URL('native/opencv/', installRoot))

function isUnpacked(): boolean {
  const unpacked = existsSync(`${opencv}libraries`)
  if (!unpacked) skip('native/opencv is not unpacked')
  return unpacked
}

/** Runs a copy of the script on a machine whose apt knows nothing and fetches nothing; `folder` takes that apt. */
function runWithoutApt(path: string, folder: string) {
  for (const name of ['apt-cache', 'apt-get']) writeFileSync(join(folder, name), '#!/bin/sh\nexit 1\n', { mode: 0o755 })
  return spawnSync(path, { env: { ...process.env, PATH: `${folder}:${process.env['PATH'] ?? ''}` }, encoding: 'utf8' })
}

const test = suite('unpack opencv')

test('a second run needs neither network nor package lists and touches nothing', () => {
  if (!isUnpacked()) return
  const before = statSync(opencv).mtimeMs
  using folder = temporaryFolder()
  const { status, stderr } = runWithoutApt(script, folder.path)
  assert.is(status, 0, stderr)
  assert.is(statSync(opencv).mtimeMs, before)
})

test('what is linked is a runtime library of one release, by its full name', () => {
  if (!isUnpacked()) return
  const [names = [], dnn = []] = ['libraries', 'dnn-library'].map((file) => readFileSync(`${opencv}${file}`, 'utf8').trim().split(' '))
  assert.is(dnn.length, 1)
  assert.ok(dnn[0]?.includes('dnn'))
  // Only the simulated NPU links it.
  assert.not(names.some((name) => name.includes('dnn')))
  assert.equal(new Set([...names, ...dnn].map((name) => name.replace(/.*\.so\./, ''))).size, 1)
  for (const name of [...names, ...dnn]) assert.match(name, /^-l:libopencv_[a-z]+\.so\.\d+$/)
})

test('what an older checkout has unpacked, without the headers of networks, is not taken for all', () => {
  if (!isUnpacked()) return
  using folder = temporaryFolder()
  const native = join(folder.path, 'native')
  mkdirSync(join(native, 'vision'), { recursive: true })
  mkdirSync(join(native, 'opencv/include/opencv2'), { recursive: true })
  copyFileSync(script, join(native, 'vision/unpack-opencv.sh'))
  const run = () => runWithoutApt(join(native, 'vision/unpack-opencv.sh'), folder.path)
  for (const file of ['libraries', 'include/opencv2/dnn.hpp', 'dnn-library']) {
    const { status, stderr } = run()
    assert.is(status, 1, `before ${file}`)
    assert.match(stderr, 'apt')
    copyFileSync(`${opencv}${file}`, join(native, 'opencv', file))
  }
  assert.is(run().status, 0)
})

test('an unknown argument is refused and changes nothing', () => {
  const { status, stderr } = spawnSync(script, ['everything'], { encoding: 'utf8' })
  assert.is(status, 1)
  assert.match(stderr, 'Unknown argument')
})

test.run()

import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openRing } from 'hailort-node/ring'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { AgentError, Fault } from '../../agent/errors.ts'
import { RingFiles } from '../../agent/ring/ring-files.ts'
import { RuntimeFolder } from '../../agent/ring/runtime-folder.ts'
import { canMount, MOUNTS } from '../support/namespaces.ts'
import { temporaryFolder } from './temporary-ring.ts'

const geometry = { slotCount: 8, maxWidth: 64, maxHeight: 32, format: 'I420', mode: 'live' } as const
const test = suite('ring files')

test('each ring of a stream gets the next number, and goes with its scope', async () => {
  using temporary = temporaryFolder()
  await using folder = await RuntimeFolder.open(join(temporary.path, 'headcount'))
  {
    using files = RingFiles.open(folder)
    const first = files.create('door', geometry)
    const second = files.create('door', { ...geometry, maxWidth: 128 })
    const other = files.create('hall', geometry)
    assert.equal(readdirSync(folder.ringsPath).sort(), ['door.1.ring', 'door.2.ring', 'hall.1.ring'])
    const reader = openRing(first.path)
    first[Symbol.dispose]()
    first[Symbol.dispose]()
    assert.not(existsSync(first.path))
    assert.is(reader.head, 0, 'who still has it mapped goes on')
    reader.close()
    assert.is(files.create('door', geometry).path, join(folder.ringsPath, 'door.3.ring'))
    assert.equal([second.ring.geometry.maxWidth, other.ring.geometry.maxWidth], [128, 64])
    assert.equal([files.takeDoorbell(), files.takeDoorbell()], [1, 2], 'never the first one, which is nobody’s')
    assert.throws(() => files.create('../door', geometry), TypeError)
  }
  assert.equal(readdirSync(folder.path).sort(), ['lock', 'rings'])
  assert.equal(readdirSync(folder.ringsPath), [])
})

test('a ring that cannot be made says why and what to do', async () => {
  using temporary = temporaryFolder()
  await using folder = await RuntimeFolder.open(join(temporary.path, 'headcount'))
  using files = RingFiles.open(folder)
  assert.throws(
    () => RingFiles.open(folder),
    ({ code, message }: AgentError) => code === 'RING_FAILED' && message.includes('create the doorbells'),
  )
  rmSync(folder.ringsPath, { recursive: true })
  assert.throws(
    () => files.create('door', geometry),
    ({ code, message, remedy }: AgentError) =>
      code === 'RING_FAILED' && message.includes('ring of stream "door"') && remedy.includes(folder.ringsPath),
  )
})

test('in a full tmpfs the ring is refused with a remedy, nothing is left of it, and the others go on', () => {
  if (!canMount()) return
  using temporary = temporaryFolder()
  const child = fileURLToPath(new URL('./full-child.js', import.meta.url))
  // A mount that only this child sees, and that goes with it.
  const script = 'mount -t tmpfs -o size=2m tmpfs "$1" && exec "$2" "$3" "$1"'
  const { status, stdout, stderr } = spawnSync('unshare', [MOUNTS, 'sh', '-c', script, 'sh', temporary.path, process.execPath, child], {
    encoding: 'utf8',
    timeout: 30_000,
  })
  assert.is(status, 0, stderr)
  const seen = JSON.parse(stdout) as { full: Fault | null; afterwards: string[]; next: string; readable: number[] }
  assert.is(seen.full?.code, 'RING_NO_SPACE')
  assert.match(seen.full?.message ?? '', /Cannot create the ring of stream "hall": 3\.8 MB needed, [\d.]+ MB free/)
  assert.match(seen.full?.remedy ?? '', `df -h ${temporary.path}`)
  assert.equal(seen.afterwards, ['door.1.ring'])
  assert.match(seen.next, /hall\.2\.ring$/)
  assert.equal(seen.readable, [9, 10, 11, 12, 13, 14, 15, 16])
})

test.run()

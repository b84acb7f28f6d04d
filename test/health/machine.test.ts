import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { diskFacts } from '../../agent/health/disk-facts.ts'
import { Machine } from '../../agent/health/machine.ts'
import { temperatures } from '../../agent/health/temperatures.ts'
import { eventually } from '../support/eventually.ts'

const test = suite('machine')

async function folder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'headcount-machine-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

/** A thermal zone of a kernel; a file that is left out cannot be read. */
async function zone(root: string, name: string, files: { type?: string; temp?: string }): Promise<void> {
  await mkdir(join(root, name))
  for (const [file, text] of Object.entries(files)) await writeFile(join(root, name, file), text)
}

test('reads the temperatures of all zones, the hottest of those with one name', async () => {
  await using root = await folder()
  await zone(root.path, 'thermal_zone0', { type: 'cpu-thermal\n', temp: '51200\n' })
  await zone(root.path, 'thermal_zone1', { type: 'acpitz\n', temp: '40000\n' })
  await zone(root.path, 'thermal_zone2', { type: 'acpitz\n', temp: '45500\n' })
  await zone(root.path, 'thermal_zone3', { type: 'frozen\n', temp: '-5000\n' })
  assert.equal(await temperatures(root.path), { 'cpu-thermal': 51.2, acpitz: 45.5, frozen: -5 })
})

test('leaves out zones that cannot be read or tell nonsense, and what is no zone', async () => {
  await using root = await folder()
  await zone(root.path, 'thermal_zone0', { type: 'cpu-thermal\n' })
  await zone(root.path, 'thermal_zone1', { temp: '40000\n' })
  await zone(root.path, 'thermal_zone2', { type: 'gpu\n', temp: 'unknown\n' })
  await zone(root.path, 'thermal_zone3', { type: 'empty\n', temp: '\n' })
  await zone(root.path, 'cooling_device0', { type: 'Fan\n', temp: '1000\n' })
  assert.equal(await temperatures(root.path), {})
})

test('measures the disk of a folder that is not made yet', async () => {
  await using root = await folder()
  const there = await diskFacts(root.path)
  const { totalBytes, availableBytes } = await diskFacts(join(root.path, 'state', 'of', 'tomorrow'))
  assert.is(totalBytes, there.totalBytes)
  assert.ok(totalBytes > 0 && availableBytes >= 0 && availableBytes <= totalBytes)
})

test('tells of this machine what can be known', async () => {
  await using root = await folder()
  const machine = new Machine({ stateDir: root.path, runtimeDir: '/dev/shm' })
  // A machine that is busy answers late, and then it is not known for once.
  const now = await eventually(
    async () => {
      const facts = await machine.now()
      return facts.cpuLoad !== null && facts.memoryTotalBytes !== null && facts.stateDisk !== null && facts.ringDisk !== null && facts
    },
    { what: 'everything is known at once', withinMs: 60_000 },
  )
  assert.is(now.cores, availableParallelism())
  assert.ok(now.cpuLoad !== null && now.cpuLoad >= 0 && now.cpuLoad <= 1, `${now.cpuLoad}`)
  assert.ok((now.memoryTotalBytes ?? 0) >= (now.memoryAvailableBytes ?? 0) && (now.memoryAvailableBytes ?? 0) > 0)
  assert.ok((now.stateDisk?.totalBytes ?? 0) > 0 && (now.ringDisk?.totalBytes ?? 0) > 0)
})

test('does not know the disk of a folder that is none', async () => {
  await using root = await folder()
  await writeFile(join(root.path, 'file'), '')
  const machine = new Machine({ stateDir: join(root.path, 'file', 'state'), runtimeDir: root.path })
  assert.is((await machine.now()).stateDisk, null)
  await eventually(async () => (await machine.now()).memoryTotalBytes !== null, {
    what: 'the others are told all the same',
    withinMs: 60_000,
  })
})

test.run()

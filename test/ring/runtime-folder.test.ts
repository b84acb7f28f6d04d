import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statfsSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { AgentError } from '../../agent/errors.ts'
import { RuntimeFolder } from '../../agent/ring/runtime-folder.ts'
import { temporaryFolder } from './temporary-ring.ts'

/** Another process that holds a runtime folder; killed with its scope. */
async function holder(mode: 'open' | 'private', path: string): Promise<ChildProcess & AsyncDisposable & { folder: string }> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./folder-child.js', import.meta.url)), mode, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  return Object.assign(child, {
    folder: line.toString().trim(),
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  })
}

async function failure(opening: Promise<unknown>): Promise<AgentError> {
  const error = await opening.then(
    () => null,
    (error: unknown) => error,
  )
  assert.instance(error, AgentError)
  return error as AgentError
}

const test = suite('runtime folder')

test('makes a folder for us alone, says what it is, and leaves nothing', async () => {
  using temporary = temporaryFolder()
  const path = join(temporary.path, 'headcount')
  {
    await using folder = await RuntimeFolder.open(path)
    assert.is(statSync(path).mode & 0o777, 0o700)
    assert.is(statSync(folder.ringsPath).mode & 0o777, 0o700)
    assert.is(readFileSync(join(path, 'lock'), 'utf8'), `${process.pid}\n`)
    writeFileSync(join(folder.ringsPath, 'door.1.ring'), '')
    writeFileSync(folder.doorbellsPath, '')
  }
  assert.equal(readdirSync(temporary.path), [])
})

test('a folder that was there before stays, closed to others', async () => {
  using temporary = temporaryFolder()
  chmodSync(temporary.path, 0o755)
  {
    await using _ = await RuntimeFolder.open(temporary.path)
    assert.is(statSync(temporary.path).mode & 0o777, 0o700)
  }
  assert.equal(readdirSync(temporary.path), [])
})

test('a second agent is refused by name, and takes nothing away from the first', async () => {
  using temporary = temporaryFolder()
  await using first = await holder('open', temporary.path)
  const ring = join(temporary.path, 'rings', 'door.1.ring')
  writeFileSync(ring, 'in use')
  for (let attempt = 0; attempt < 2; attempt++) {
    const error = await failure(RuntimeFolder.open(temporary.path))
    assert.is(error.code, 'RUNTIME_BUSY')
    assert.match(error.message, `in use by process ${first.pid ?? 0}`)
    assert.match(error.remedy, 'HEADCOUNT_RUNTIME_DIR')
  }
  assert.is(readFileSync(ring, 'utf8'), 'in use')
})

test('the lock of a killed agent is free, and its rings are removed', async () => {
  using temporary = temporaryFolder()
  await using first = await holder('open', temporary.path)
  const ring = join(temporary.path, 'rings', 'door.7.ring')
  writeFileSync(ring, 'left behind')
  writeFileSync(join(temporary.path, 'doorbells'), 'left behind')
  await first[Symbol.asyncDispose]()
  assert.ok(existsSync(ring))
  await using folder = await RuntimeFolder.open(temporary.path)
  assert.equal(readdirSync(folder.path).sort(), ['lock', 'rings'])
  assert.equal(readdirSync(folder.ringsPath), [])
})

test('of many that open at once exactly one gets it', async () => {
  using temporary = temporaryFolder()
  const path = join(temporary.path, 'headcount')
  for (let round = 0; round < 20; round++) {
    const opened = await Promise.allSettled(Array.from({ length: 6 }, () => RuntimeFolder.open(path)))
    const folders = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    assert.is(folders.length, 1)
    for (const one of opened) if (one.status === 'rejected') assert.is((one.reason as AgentError).code, 'RUNTIME_BUSY')
    // Released while others try: whoever gets it holds a lock that the next one meets.
    const next = RuntimeFolder.open(path).catch(() => null)
    await folders[0]?.[Symbol.asyncDispose]()
    const after = (await next) ?? (await RuntimeFolder.open(path))
    assert.is((await failure(RuntimeFolder.open(path))).code, 'RUNTIME_BUSY')
    await after[Symbol.asyncDispose]()
  }
})

test('a private folder lies beside a running agent and goes with its owner', async () => {
  using temporary = temporaryFolder()
  const path = join(temporary.path, 'headcount')
  {
    await using alone = await RuntimeFolder.openPrivate(path)
    assert.ok(alone.path.startsWith(`${path}/private-`))
    assert.ok(existsSync(alone.ringsPath))
  }
  assert.equal(readdirSync(temporary.path), [], 'nor its parent, if it was made for it')
  await using agent = await holder('open', path)
  {
    await using _ = await RuntimeFolder.openPrivate(path)
    assert.is((await failure(RuntimeFolder.open(path))).code, 'RUNTIME_BUSY')
  }
  assert.equal(readdirSync(agent.folder).sort(), ['lock', 'rings'])
})

test('private folders of the dead are removed, those of the living are not', async () => {
  using temporary = temporaryFolder()
  await using living = await holder('private', temporary.path)
  await using dying = await holder('private', temporary.path)
  writeFileSync(join(dying.folder, 'rings', 'clip.1.ring'), 'left behind')
  await dying[Symbol.asyncDispose]()
  const never = join(temporary.path, 'private-never')
  mkdirSync(never)
  const beingMade = join(temporary.path, 'private-being-made')
  mkdirSync(beingMade)
  utimesSync(never, 1, 1)
  await using _ = await RuntimeFolder.open(temporary.path)
  assert.ok(existsSync(join(living.folder, 'rings')))
  assert.not(existsSync(dying.folder))
  assert.not(existsSync(never))
  assert.ok(existsSync(beingMade))
})

test('a folder that somebody else may look into is not used', async () => {
  using temporary = temporaryFolder()
  const link = join(temporary.path, 'link')
  symlinkSync('/tmp', link)
  const file = join(temporary.path, 'file')
  writeFileSync(file, '')
  for (const path of [link, file, join(file, 'below'), '/proc/headcount']) {
    const error = await failure(RuntimeFolder.open(path))
    assert.is(error.code, 'RUNTIME_UNUSABLE', path)
    assert.match(error.message, path)
    assert.match(error.remedy, 'HEADCOUNT_RUNTIME_DIR')
  }
})

test('says when frames would go to a disk', async () => {
  using inMemory = temporaryFolder()
  for (const parent of [inMemory.path, tmpdir()]) {
    const path = join(parent, `headcount-runtime-${process.pid}`)
    const folder = await RuntimeFolder.open(path)
    const onTmpfs = statfsSync(path).type === 0x01021994
    assert.is(folder.warning?.includes('not in memory') ?? false, !onTmpfs, path)
    await folder[Symbol.asyncDispose]()
    assert.not(existsSync(path))
  }
})

test.run()

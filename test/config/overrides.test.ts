import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Tree } from '../../agent/config/layers.ts'
import { composeConfig, type LoadedConfig } from '../../agent/config/load.ts'
import {
  type Overrides,
  overridesPath,
  readOverrides,
  withAdded,
  withPatched,
  withRemoved,
  writeOverrides,
} from '../../agent/config/overrides.ts'
import { AgentError } from '../../agent/errors.ts'

const none: Overrides = { settings: {}, streams: {}, added: {} }
const places = { stateDir: '/state', cacheDir: '/cache' }
const file = {
  streams: [
    { id: 'a', source: 'test', frame: { width: 320, height: 240 } },
    { id: 'b', source: 'test' },
  ],
}

/** The file above with overrides. */
function composed(overrides: Overrides): Pick<LoadedConfig, 'config' | 'originOf' | 'notes'> {
  return composeConfig({ values: file, overrides, env: {}, places, path: null })
}

async function stateFolder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'headcount-overrides-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

const test = suite('changes made at run time')

test('patches a stream and leaves the rest of it alone', () => {
  const { config, originOf } = composed(withPatched(none, 'a', { frame: { width: 640 } }, file))
  assert.equal(config.streams[0]?.frame, { width: 640, height: 240, fps: 30 })
  assert.is(originOf(['streams', 0, 'frame', 'width']), 'overrides')
  assert.is(originOf(['streams', 0, 'frame', 'height']), 'file')
  assert.is(originOf(['streams', 0, 'frame', 'fps']), 'default')
})

test('a key that is taken away has its default, whatever the file says, and can be given again', async () => {
  await using folder = await stateFolder()
  const kept = async (patches: readonly Tree[]) => {
    const all = patches.reduce((overrides: Overrides, patch) => withPatched(overrides, 'a', patch, file), none)
    await writeOverrides(folder.path, all)
    const overrides = await readOverrides(folder.path)
    assert.equal(overrides, all)
    return { patch: overrides.streams['a'], frame: composed(overrides).config.streams[0]?.frame }
  }
  assert.equal(await kept([{ frame: { width: null } }]), { patch: { frame: { width: null } }, frame: { width: 640, height: 240, fps: 30 } })
  const bare = { width: 640, height: 480, fps: 30 }
  assert.equal(await kept([{ frame: { fps: 5 } }, { frame: null }]), { patch: { frame: { width: null, height: null } }, frame: bare })
  assert.equal((await kept([{ frame: null }, { frame: { width: 800 } }])).frame, { ...bare, width: 800 })
  // What only a patch has given goes with it.
  assert.equal(
    await kept([
      { rotate: 90, frame: { fps: 5 } },
      { rotate: null, frame: { fps: null } },
    ]),
    {
      patch: { frame: {} },
      frame: { width: 320, height: 240, fps: 30 },
    },
  )
})

test('a key that is taken from a stream that was added is gone', () => {
  const added = withAdded(none, 'new', { source: 'test', rotate: 90, frame: { width: 320, fps: 5 } })
  const overrides = withPatched(added, 'new', { rotate: null, frame: { width: null } }, file)
  assert.equal(overrides.added, { new: { source: 'test', frame: { fps: 5 } } })
})

test('a key without a value says nothing outside the patches', async () => {
  await using folder = await stateFolder()
  await writeFile(
    overridesPath(folder.path),
    'settings:\nstreams:\n  a: {loop: true, frame: {width: }}\n  b:\nadded:\n  c: {source: test, rotate: }\n',
  )
  assert.equal(await readOverrides(folder.path), {
    settings: {},
    streams: { a: { loop: true, frame: { width: null } } },
    added: { c: { source: 'test' } },
  })
})

test('a stream may have the name of something that every object has', async () => {
  await using folder = await stateFolder()
  const id = 'constructor'
  const values = { streams: [{ id, source: 'test' }] }
  await writeOverrides(folder.path, withPatched(withPatched(none, id, { rotate: 90 }, values), id, { flip: 'h' }, values))
  const overrides = await readOverrides(folder.path)
  const [stream] = composeConfig({ values, overrides, env: {}, places, path: null }).config.streams
  assert.equal([stream?.id, stream?.rotate, stream?.flip], [id, 90, 'h'])
})

test('adds a stream, patches it again, and removes one', () => {
  const added = withPatched(withAdded(none, 'new', { source: 'test', zones: [] }), 'new', { loop: true }, file)
  const { config, originOf } = composed(withRemoved(added, 'a', file))
  assert.equal(
    config.streams.map(({ id }) => id),
    ['b', 'new'],
  )
  assert.is(config.streams[1]?.loop, true)
  assert.is(originOf(['streams', 0, 'source']), 'file')
  assert.is(originOf(['streams', 1, 'source']), 'overrides')
})

test('a stream that is removed and added anew has nothing of the old one', () => {
  const patched = withPatched(none, 'a', { loop: true }, file)
  const again = withPatched(withAdded(withRemoved(patched, 'a', file), 'a', { source: 'libcamera' }), 'a', { rotate: 90 }, file)
  const { config, originOf } = composed(again)
  const stream = config.streams.find(({ id }) => id === 'a')
  assert.equal(
    [stream?.source, stream?.loop, stream?.rotate, stream?.frame],
    ['libcamera', false, 90, { width: 640, height: 480, fps: 30 }],
  )
  assert.is(originOf(['streams', 1, 'frame', 'width']), 'default')
  assert.equal(
    composed(withRemoved(again, 'a', file)).config.streams.map(({ id }) => id),
    ['b'],
  )
})

test('nothing stays of a stream that the file never had', () => {
  assert.equal(withRemoved(withAdded(none, 'new', { source: 'test' }), 'new', file), none)
  assert.equal(withRemoved({ ...none, streams: { new: { source: 'test' } } }, 'new', file), none)
})

test('written by an older headcount still count', async () => {
  await using folder = await stateFolder()
  await writeFile(
    overridesPath(folder.path),
    'settings: {}\nstreams:\n  a: {loop: true}\n  b: removed\n  new: {source: test, rotate: 90}\n',
  )
  const { config } = composed(withPatched(await readOverrides(folder.path), 'new', { loop: true }, file))
  assert.equal(
    config.streams.map(({ id, loop, rotate }) => [id, loop, rotate]),
    [
      ['a', true, 0],
      ['new', true, 90],
    ],
  )
})

test('leaves out a patch of a stream that the file no longer has, and says so', () => {
  const { config, notes } = composed(withPatched(none, 'gone', { loop: true }, file))
  assert.is(config.streams.length, 2)
  assert.match(notes[0] ?? '', '"gone"')
})

test('refuses a change that the whole configuration does not bear', () => {
  assert.throws(
    () => composed(withPatched(none, 'a', { zones: [{ id: 'z', polygon: [[0, 0]] }] }, file)),
    (error: unknown) =>
      error instanceof AgentError && error.code === 'CONFIG_INVALID' && error.message.includes('streams[0].zones[0].polygon'),
  )
})

test('are there again after writing, for their owner alone', async () => {
  await using folder = await stateFolder()
  const state = join(folder.path, 'not', 'yet')
  const changed = withRemoved(withPatched(none, 'a', { source: 'rtsp://me:secret@cam/1' }, file), 'b', file)
  const overrides = { ...withAdded(changed, 'c', { source: 'test' }), settings: { detector: { scoreThreshold: 0.5 } } }
  await writeOverrides(state, overrides)
  assert.equal(await readOverrides(state), overrides)
  assert.is((await stat(overridesPath(state))).mode & 0o777, 0o600)
  assert.equal(await readdir(state), ['overrides.yaml'])
})

test('are none where nothing was written', async () => {
  assert.equal(await readOverrides('/nowhere/at/all'), none)
})

test('name the file when it is not what we wrote', async () => {
  await using folder = await stateFolder()
  for (const text of ['streams: [1, 2]', 'frobs: {}', 'streams: {', 'text']) {
    await writeFile(overridesPath(folder.path), text)
    const error = await readOverrides(folder.path).catch((reason: unknown) => reason)
    assert.instance(error, AgentError, text)
    assert.is((error as AgentError).code, 'CONFIG_INVALID')
    assert.match((error as AgentError).message, 'overrides.yaml')
  }
})

test('keep the old text when the new one cannot be written', async () => {
  await using folder = await stateFolder()
  await mkdir(overridesPath(folder.path))
  const error = await writeOverrides(folder.path, none).catch((reason: unknown) => reason)
  assert.instance(error, AgentError)
  assert.is((error as AgentError).code, 'STATE_UNWRITABLE')
  assert.match((error as AgentError).remedy, 'was not made')
  assert.equal(await readdir(folder.path), ['overrides.yaml'])
})

test('are never half written, however the writer ends', async () => {
  await using folder = await stateFolder()
  await writeOverrides(folder.path, none)
  for (let round = 0; round < 5; round++) {
    const writer = fork(fileURLToPath(new URL('./overrides-writer.js', import.meta.url)), [folder.path])
    await once(writer, 'message') // It has written once and goes on.
    await sleep(round * 7)
    writer.kill('SIGKILL')
    await once(writer, 'exit')
    const { streams } = await readOverrides(folder.path)
    assert.is(Object.keys(streams).length, 200)
    assert.ok((await readFile(overridesPath(folder.path), 'utf8')).endsWith('last: true\n'))
  }
})

test.run()

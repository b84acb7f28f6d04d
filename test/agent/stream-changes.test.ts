import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { AgentControl, type ControlParts } from '../../agent/agent-control.ts'
import { loadConfig } from '../../agent/config/load.ts'
import { AgentError } from '../../agent/errors.ts'
import { StreamChanges } from '../../agent/stream-changes.ts'
import { streamsWithoutSource } from '../supervise/streams-without-source.ts'
import { eventually } from '../support/eventually.ts'
import { Tree } from '../support/tree.ts'

const test = suite('changes and orders')
const DOOR = { id: 'door', source: 'rtsp://me@127.0.0.1:1/live', passwordFile: '/etc/hostname', frame: { width: 320, height: 240 } }

/** What people and programs may ask, with streams whose captures end when `refuse` is called. */
async function control(streamsInFile: readonly object[] = [DOOR]) {
  const tree = await Tree.make({ 'config.yaml': JSON.stringify({ streams: streamsInFile }) })
  const load = () => loadConfig({ file: tree.at('config.yaml'), env: { HEADCOUNT_STATE_DIR: tree.at('state') } })
  const loaded = await load()
  const { streams, refuse } = streamsWithoutSource()
  for (const stream of loaded.config.streams) streams.add(stream)
  const changes = new StreamChanges({ loaded, defaults: [], streams })
  let pauses = 0
  const engine = {
    pause: async () => {
      pauses++
    },
  }
  const agent = new AgentControl({ loaded, streams, changes, engine } as unknown as ControlParts)
  return {
    agent,
    changes,
    streams,
    refuse,
    overrides: tree.at('state/overrides.yaml'),
    get pauses() {
      return pauses
    },
    /** The stream as the next start finds it. */
    next: async (id = 'door') => (await load()).config.streams.find((stream) => stream.id === id),
    async [Symbol.asyncDispose]() {
      refuse()
      await streams[Symbol.asyncDispose]()
      await tree[Symbol.asyncDispose]()
    },
  }
}

async function refusal(asked: Promise<unknown>): Promise<AgentError> {
  const error = await asked.then(
    () => null,
    (reason: unknown) => reason,
  )
  assert.instance(error, AgentError)
  return error as AgentError
}

test('a key of the file that is taken away stays away after a restart, until it is given again', async () => {
  await using rig = await control()
  rig.refuse()
  const { config } = await rig.changes.patch('door', { passwordFile: null, frame: { height: null } })
  assert.equal([config.passwordFile, config.frame], [undefined, { width: 320, height: 480, fps: 30 }])
  assert.equal(await rig.next(), config)
  const given = await rig.changes.patch('door', { passwordFile: '/etc/hosts', frame: null })
  assert.equal([given.config.passwordFile, given.config.frame], ['/etc/hosts', { width: 640, height: 480, fps: 30 }])
  assert.equal(await rig.next(), given.config)
})

test('a key that only a change has given goes with null, and nothing of it is kept', async () => {
  await using rig = await control()
  rig.refuse()
  await rig.changes.patch('door', { rotate: 90, zones: [] })
  await rig.changes.patch('door', { rotate: null, zones: null, device: null })
  assert.is((await rig.next())?.rotate, 0)
  assert.match(await readFile(rig.overrides, 'utf8'), 'door: {}')
  await rig.changes.add({ id: 'new', source: 'test', rotate: 90 })
  assert.is((await rig.changes.patch('new', { rotate: null })).config.rotate, 0)
  assert.is((await rig.next('new'))?.rotate, 0)
})

test('null for what a stream needs, or does not know, is refused key by key, and nothing is changed', async () => {
  await using rig = await control()
  rig.refuse()
  for (const [patch, code, words] of [
    [{ source: null }, 'CONFIG_INVALID', 'source is missing'],
    [{ id: null }, 'BAD_REQUEST', 'id of a stream cannot be changed'],
    [{ passwordfile: null }, 'CONFIG_INVALID', 'Did you mean "passwordFile"?'],
    [{ frame: { widht: null } }, 'CONFIG_INVALID', 'frame.widht: null is not a key'],
    [{ frob: { nicate: null } }, 'CONFIG_INVALID', 'frob'],
    [JSON.parse('{"__proto__": null}'), 'CONFIG_INVALID', '__proto__'],
    [{ zones: [{ id: null }] }, 'CONFIG_INVALID', 'zones[0].id'],
    [{ zones: { first: null } }, 'CONFIG_INVALID', 'zones'],
    [{ passwordFile: { path: null } }, 'CONFIG_INVALID', 'passwordFile'],
  ] as const) {
    const error = await refusal(rig.changes.patch('door', patch))
    assert.equal([error.code, error.message.includes(words)], [code, true], error.message)
  }
  assert.not(existsSync(rig.overrides))
  assert.equal(rig.streams.get('door')?.config, await rig.next())
})

test('what speaks against a change is asked when all earlier ones are made', async () => {
  await using rig = await control([{ ...DOOR, passwordFile: undefined }])
  rig.refuse()
  const earlier = rig.changes.patch('door', { passwordFile: '/etc/hostname' })
  const refused = rig.changes.patch('door', { source: 'rtsp://me@127.0.0.1:2/live' }, () => {
    if (rig.agent.passwordSource('door') !== null) throw new AgentError('FORBIDDEN', 'It has a password.', { remedy: 'Leave it.' })
  })
  assert.is((await refusal(refused)).code, 'FORBIDDEN')
  assert.is((await earlier).config.source, DOOR.source)
  assert.is((await rig.next())?.source, DOOR.source)
})

test('a START with changes does not start what is stopped before they are made, and says so', async () => {
  for (const order of ['stop', 'stopAll'] as const) {
    await using rig = await control()
    const started = refusal(rig.agent.patchAndStart('door', { rotate: 90 }, () => undefined))
    // While the change is written, or while the old capture ends.
    if (order === 'stopAll') await eventually(() => existsSync(rig.overrides), { what: 'the change is written' })
    const stopped = order === 'stop' ? rig.agent.stop('door') : rig.agent.stopAll()
    rig.refuse()
    await stopped
    const error = await started
    assert.equal([error.code, error.message.includes('stopped by somebody meanwhile')], ['CONFLICT', true])
    assert.equal([rig.streams.get('door')?.config.rotate, rig.streams.get('door')?.running], [90, false])
  }
})

test('a START with changes starts a stream that was stopped before', async () => {
  await using rig = await control()
  rig.refuse()
  await rig.agent.stop('door')
  await rig.agent.patchAndStart('door', { rotate: 90 }, () => undefined)
  assert.equal([rig.streams.get('door')?.config.rotate, rig.streams.get('door')?.running], [90, true])
})

test('START, STOP and RESTART while a change is made are obeyed by the changed stream', async () => {
  for (const [order, running] of [
    ['start', true],
    ['stop', false],
    ['restart', true],
  ] as const) {
    await using rig = await control()
    const before = rig.agent.stop('door')
    if (running) void before
    else await rig.agent.start('door')
    const changed = rig.changes.patch('door', { rotate: 90 })
    await eventually(() => existsSync(rig.overrides), { what: 'the change is written' })
    const ordered = rig.agent[order]('door')
    rig.refuse()
    await Promise.all([before, changed, ordered])
    assert.equal([rig.streams.get('door')?.config.rotate, rig.streams.get('door')?.running], [90, running], order)
  }
})

test('a stream that was asked for before SHUTDOWN is added, and not started', async () => {
  await using rig = await control()
  rig.refuse()
  const added = rig.changes.add({ id: 'new', source: 'test' })
  await rig.agent.stopAll()
  assert.not((await added).running)
  assert.equal(
    rig.streams.all.map(({ id, running }) => [id, running]),
    [
      ['door', false],
      ['new', false],
    ],
  )
})

test('SHUTDOWN ends detection, but not below a stream that was started after it', async () => {
  await using rig = await control([DOOR, { ...DOOR, id: 'hall' }])
  const shutdown = rig.agent.stopAll()
  await rig.agent.start('hall')
  rig.refuse()
  await shutdown
  assert.equal([rig.pauses, rig.streams.get('hall')?.running], [0, true])
  await rig.agent.stopAll()
  assert.equal([rig.pauses, rig.streams.get('hall')?.running], [1, false])
})

test.run()

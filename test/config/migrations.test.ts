import { readFile } from 'node:fs/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isTree } from '../../agent/config/layers.ts'
import { loadConfig } from '../../agent/config/load.ts'
import { CONFIG_VERSION, MIGRATIONS, type Migration, migrateConfig } from '../../agent/config/migrations.ts'
import { migrateOverrides, readOverrides, writeOverrides } from '../../agent/config/overrides.ts'
import { AgentError } from '../../agent/errors.ts'
import { Tree } from '../support/tree.ts'

/** Two steps to the version of today, from versions that never were. */
const STEPS: readonly Migration[] = [
  {
    what: 'The key "broker" is now "mqtt".',
    change: ({ broker, ...values }) => ({ ...values, mqtt: broker }),
  },
  {
    what: 'The address of the broker is now "mqtt.url".',
    change: (values) => {
      const { mqtt } = values
      if (!isTree(mqtt)) return values
      const { address, ...rest } = mqtt
      return { ...values, mqtt: { ...rest, url: address } }
    },
  },
]

function load(file: string, migrations?: readonly Migration[]) {
  return loaded(file, migrations).then(
    ({ config, notes, after }) => ({ config, notes, after, error: null }),
    (error: unknown) => ({ config: null, notes: [], after: '', error: error as AgentError }),
  )
}

async function loaded(file: string, migrations?: readonly Migration[]) {
  await using tree = await Tree.make({ 'config.yaml': file })
  const path = tree.at('config.yaml')
  const { config, notes } = await loadConfig({ file: path, env: { HEADCOUNT_STATE_DIR: tree.path }, ...(migrations && { migrations }) })
  return { config, notes, after: await readFile(path, 'utf8') }
}

const test = suite('configuration: migrations')

test('a file of a newer version is a fault that says what to do', async () => {
  const { error } = await load(`version: ${CONFIG_VERSION + 1}\nnewKey: 3\n`)
  assert.instance(error, AgentError)
  assert.is(error?.code, 'CONFIG_INVALID')
  assert.match(error?.what ?? '', `is of version ${CONFIG_VERSION + 1}; this headcount reads versions up to ${CONFIG_VERSION}`)
  assert.match(error?.remedy ?? '', 'Install the newer headcount')
})

test('what is no version is a fault of its own', async () => {
  for (const version of ['two', '1.5', '[1]', '0', '-3', '{}']) {
    const { error } = await load(`version: ${version}\n`)
    assert.is(error?.code, 'CONFIG_INVALID', version)
    assert.match(error?.what ?? '', /version: .*(does not fit|text where)/, version)
  }
})

test('a file of this version, or of none, is taken as it is', async () => {
  for (const file of ['', `version: ${CONFIG_VERSION}\n`, 'node: door\n']) {
    const { config, notes } = await load(file, STEPS)
    assert.is(config?.version, CONFIG_VERSION)
    assert.equal(notes, [])
  }
})

test('an older file is read through every step from its version on, and stays as it is', async () => {
  const file = `version: ${CONFIG_VERSION - 2}\nbroker: { address: "mqtt://old:1883", prefix: p }\n`
  const { config, notes, after } = await load(file, STEPS)
  assert.equal([config?.mqtt.url, config?.mqtt.prefix, config?.version], ['mqtt://old:1883', 'p', CONFIG_VERSION])
  assert.is(notes.length, 1)
  assert.match(notes[0] ?? '', `is of version ${CONFIG_VERSION - 2} and was read as version ${CONFIG_VERSION}`)
  assert.match(notes[0] ?? '', 'The key "broker" is now "mqtt". The address of the broker is now "mqtt.url".')
  assert.is(after, file)
  const later = await load(`version: ${CONFIG_VERSION - 1}\nmqtt: { address: "mqtt://old:1883" }\n`, STEPS)
  assert.is(later.config?.mqtt.url, 'mqtt://old:1883')
  assert.not.match(later.notes[0] ?? '', '"broker"')
})

test('a version from before the first step is a fault, not half a migration', async () => {
  const { error } = await load(`version: ${CONFIG_VERSION - 3}\nbroker: { address: "mqtt://old:1883" }\n`, STEPS)
  assert.match(error?.what ?? '', 'version')
})

test('faults of an older file are still told by key, and nothing of it is changed in place', async () => {
  const { error } = await load(`version: ${CONFIG_VERSION - 1}\nmqtt: { address: "http://x" }\nhttp: { port: -1 }\n`, STEPS)
  assert.match(error?.what ?? '', 'mqtt.url')
  assert.match(error?.what ?? '', 'http.port')
  const values = Object.freeze({ version: CONFIG_VERSION - 2, broker: Object.freeze({ address: 'x' }) })
  assert.equal(migrateConfig(values, 'x', STEPS).values, { version: CONFIG_VERSION, mqtt: { url: 'x' } })
})

test('changes made at run time go the same way, from the version they were made under', async () => {
  const renamed: Migration = {
    what: 'Streams have a "source".',
    change: ({ streams, broker, ...values }) => ({
      ...values,
      ...(broker === undefined ? {} : { mqtt: broker }),
      ...(Array.isArray(streams)
        ? { streams: streams.map(({ from, ...rest }: Record<string, unknown>) => (from ? { ...rest, source: from } : rest)) }
        : {}),
    }),
  }
  const old = {
    version: CONFIG_VERSION,
    settings: { broker: { prefix: 'p' } },
    streams: { door: { from: 'test' }, gone: 'removed' },
    added: { yard: { from: 'file:/x.mp4', loop: true } },
  }
  await using tree = await Tree.make({ 'overrides.yaml': JSON.stringify(old) })
  // Of this version: nothing is changed.
  assert.equal(await readOverrides(tree.path, [renamed]), { settings: old.settings, streams: old.streams, added: old.added })
  await tree.add({ 'overrides.yaml': JSON.stringify({ ...old, version: CONFIG_VERSION + 1 }) })
  const newer = await readOverrides(tree.path, [renamed]).catch((error: unknown) => error)
  assert.is((newer as AgentError).code, 'CONFIG_INVALID')
  assert.equal(
    migrateOverrides({ ...old, streams: { door: { from: 'test' }, gone: 'removed' as const }, version: CONFIG_VERSION - 1 }, 'x', [
      renamed,
    ]),
    {
      settings: { mqtt: { prefix: 'p' } },
      streams: { door: { source: 'test' }, gone: 'removed' },
      added: { yard: { source: 'file:/x.mp4', loop: true } },
    },
  )
})

test('what is written at run time says its version', async () => {
  await using tree = await Tree.make()
  await writeOverrides(tree.path, { settings: { log: { level: 'debug' } }, streams: {}, added: {} })
  assert.match(await readFile(tree.at('overrides.yaml'), 'utf8'), new RegExp(`^version: ${CONFIG_VERSION}$`, 'm'))
})

test('there is a step from each version that ever was', () => {
  assert.is(MIGRATIONS.length, CONFIG_VERSION - 1)
})

test.run()

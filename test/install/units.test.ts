import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'
import { settingPaths } from '../../agent/config/keys.ts'
import { configSchema } from '../../agent/config/schema.ts'
import { streamSchema } from '../../agent/config/stream-schema.ts'
import { installRoot } from '../../agent/install-root.ts'
import { skip } from '../support/skip.ts'

const test = suite('files of systemd, and the template of the configuration')

const MOST_EXPOSURE = 2.5

const read = (name: string) => readFile(new URL(`systemd/${name}`, installRoot), 'utf8')

/** The value at a path of keys; undefined when there is none. */
function valueAt(tree: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<string, unknown> | null | undefined)?.[key], tree)
}

/** Keys of the template, taken out of their comments: `#key` and, below it, `#  key`. */
async function switchedOn(): Promise<unknown> {
  const lines = (await read('config.template.yaml')).split('\n')
  return parse(
    lines
      .filter((line) => /^#( {2})*[a-zA-Z]+:/.test(line))
      .map((line) => line.slice(1))
      .join('\n'),
  ) as unknown
}

test('the template is an empty configuration: all its lines are comments', async () => {
  const text = await read('config.template.yaml')
  for (const line of text.split('\n')) assert.match(line, /^(#.*)?$/)
})

test('the template has every key with its default, and no other', async () => {
  const template = await switchedOn()
  const defaults = configSchema.parse({})
  for (const path of settingPaths(configSchema)) {
    assert.ok(valueAt(template, path) !== undefined, `${path.join('.')} is missing`)
    // A key without a value counts as not written.
    assert.equal(valueAt(template, path) ?? undefined, valueAt(defaults, path), path.join('.'))
  }
  const withoutTls = { ...(template as object), http: { ...(valueAt(template, ['http']) as object), tls: undefined } }
  const written = JSON.parse(JSON.stringify(withoutTls), (_key, value: unknown) => value ?? undefined) as unknown
  assert.equal(configSchema.parse(written), defaults)
})

test('the template’s example of a stream has every key and is valid', async () => {
  const lines = (await read('config.template.yaml')).split('\n')
  const example = lines.filter((line) => /^# {3}/.test(line) && !/^#( {2})*[a-zA-Z]+:/.test(line) && !line.includes('sudo'))
  const { streams } = parse(example.map((line) => line.slice(4)).join('\n')) as { streams: Record<string, unknown>[] }
  const [stream] = streams
  assert.equal(Object.keys(stream ?? {}).sort(), [...new Set(settingPaths(streamSchema).map(([key = '']) => key))].sort())
  assert.ok(configSchema.safeParse({ streams }).success)
})

test('systemd finds nothing wrong with the unit', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'headcount-unit-'))
  try {
    const unit = join(folder, 'headcount.service')
    // The installed Node and the manual's place are not there.
    const text = (await read('headcount.service')).replace(/^ExecStart=\S+/m, `ExecStart=${process.execPath}`)
    await writeFile(unit, text)
    const { status, stderr, error } = spawnSync('systemd-analyze', ['verify', '--man=no', unit], { encoding: 'utf8' })
    if (error) {
      skip('systemd-analyze is not installed')
      return
    }
    assert.is(`${stderr}${status}`, '0')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

test('the unit shuts out what it does not need', () => {
  const unit = fileURLToPath(new URL('systemd/headcount.service', installRoot))
  const { stdout, error } = spawnSync('systemd-analyze', ['security', '--offline=true', '--no-pager', unit], { encoding: 'utf8' })
  if (error) {
    skip('systemd-analyze is not installed')
    return
  }
  const exposure = Number(/exposure level for \S+: ([\d.]+)/.exec(stdout)?.[1] ?? Number.NaN)
  assert.ok(exposure <= MOST_EXPOSURE, stdout)
})

test('the unit lets as many streams run as a configuration may have', async () => {
  const unit = await read('headcount.service')
  const [cameras = 0, threads = 0] = [/^# (\d+) cameras/m, /^# A camera has some (\d+) threads/m].map((words) =>
    Number(words.exec(unit)?.[1]),
  )
  const stream = { source: 'test' }
  const streams = (count: number) => Array.from({ length: count }, (_, index) => ({ id: `s${index}`, ...stream }))
  assert.is(configSchema.safeParse({ streams: streams(cameras) }).success, true)
  assert.is(configSchema.safeParse({ streams: streams(cameras + 1) }).success, false, 'more cameras than the unit speaks of')
  assert.ok(threads > 0)
  assert.ok(Number(/^TasksMax=(\d+)$/m.exec(unit)?.[1]) > cameras * threads)
})

test('the unit never gives up for good, does not spin, and stays down for a wrong configuration', async () => {
  const unit = await read('headcount.service')
  for (const line of ['Restart=always', 'StartLimitIntervalSec=0', 'RestartPreventExitStatus=78', 'Type=notify', 'WatchdogSec=30'])
    assert.ok(unit.split('\n').includes(line), line)
  assert.ok(Number(/^RestartSec=(\d+)$/m.exec(unit)?.[1]) >= 1)
})

test.run()

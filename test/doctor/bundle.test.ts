import { execFile, spawnSync } from 'node:child_process'
import { chmod, readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { redactor } from '../../agent/config/redactor.ts'
import { writeBundle } from '../../agent/doctor/bundle.ts'
import { AgentError } from '../../agent/errors.ts'
import { canMount, MOUNTS } from '../support/namespaces.ts'
import { type Files, Tree } from '../support/tree.ts'

const main = fileURLToPath(new URL('../../agent/main.js', import.meta.url))

/** No two of them share a part, and none stands in a text of ours. */
const PLANTED = {
  mqttPassword: 'Zebrafink-7%',
  mqttEnvironment: 'Kranich Nest',
  token: 'a3f9c1d2e4b5a6978877665544332211a3f9c1d2e4b5a6978877665544332211',
  urlPassword: 'Uhu&Eule',
  urlToken: 'Rotkehlchen55',
  streamPassword: 'Gimpel"Kern',
  journalQuery: 'Stieglitz88',
  journalKey: 'Wendehals99',
  bearer: 'Baumlaeufer.11',
  basic: 'QnVudHNwZWNodDp4',
  cookie: 'Wiedehopf22',
  foreignUrl: 'Sperber33',
  picture: 'JFIFMauersegler',
  history: 'Nachtigall44',
  override: 'Dompfaff66',
} as const

const JOURNAL = [
  `2026-01-01T00:00:00+0000 pi headcount[1]: INFO  GET /?token=${PLANTED.journalQuery} from 192.0.2.7`,
  `2026-01-01T00:00:00+0000 pi headcount[1]: INFO  GET /api/streams/door/mjpeg?key=${PLANTED.journalKey}&fps=3`,
  `2026-01-01T00:00:00+0000 pi headcount[1]: WARN  Authorization: Bearer ${PLANTED.bearer}`,
  `2026-01-01T00:00:00+0000 pi headcount[1]: WARN  authorization: Basic ${PLANTED.basic} cookie: session=${PLANTED.cookie}`,
  `2026-01-01T00:00:00+0000 pi headcount[1]: WARN  rtsp://somebody:${PLANTED.foreignUrl}@192.0.2.9/1 does not answer`,
  `2026-01-01T00:00:00+0000 pi headcount[1]: WARN  a password like ${PLANTED.mqttPassword} or ${encodeURIComponent(PLANTED.mqttPassword)} in the open`,
  `2026-01-01T00:00:00+0000 pi headcount[1]: WARN  ${JSON.stringify({ password: PLANTED.streamPassword })} ${PLANTED.mqttEnvironment} ${PLANTED.token} ${PLANTED.urlToken} ${PLANTED.urlPassword} ${PLANTED.override}`,
  '2026-01-01T00:00:00+0000 pi headcount[1]: ERROR a line that helps',
].join('\n')

function machine(at: (name: string) => string): Files {
  const door = `rtsp://cam:${encodeURIComponent(PLANTED.urlPassword)}@127.0.0.1:9/live?sid=${PLANTED.urlToken}`
  const config = {
    node: 'hallway',
    streams: [
      { id: 'door', source: door },
      { id: 'yard', source: 'rtsp://cam@127.0.0.1:9/1', passwordFile: at('yard.password') },
    ],
    mqtt: { url: 'mqtt://127.0.0.1:1', username: 'hc', passwordFile: at('mqtt-password') },
    http: { tokenFile: at('state/token') },
  }
  return {
    'config.yaml': JSON.stringify(config),
    'mqtt-password': `${PLANTED.mqttPassword}\n`,
    'yard.password': PLANTED.streamPassword,
    'state/token': `${PLANTED.token}\n`,
    'state/overrides.yaml': `streams: { door: { source: "rtsp://cam:${PLANTED.override}@127.0.0.1:9/2" } }\n`,
    'state/last.jpg': Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]), Buffer.from(PLANTED.picture.repeat(50))]),
    'state/history/history.sqlite': `SQLite format 3\0${PLANTED.history.repeat(20)}`,
    'bin/journalctl': `#!/bin/sh\ncat '${at('journal')}'\n`,
    journal: JOURNAL,
  }
}

interface Told {
  readonly code: number
  readonly out: string
  readonly err: string
}

function doctor(tree: Tree, args: readonly string[]): Promise<Told> {
  const env = {
    PATH: `${tree.at('bin')}:${process.env['PATH']}`,
    HOME: tree.at('home'),
    HEADCOUNT_CONFIG: tree.at('config.yaml'),
    HEADCOUNT_STATE_DIR: tree.at('state'),
    HEADCOUNT_MQTT_PASSWORD: PLANTED.mqttEnvironment,
  }
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [main, 'doctor', ...args], { env, timeout: 60_000 }, (_error, out, err) =>
      resolve({ code: child.exitCode ?? -1, out, err }),
    )
  })
}

/** The texts in an archive, as Debian's own tar unpacks it. */
async function unpacked(tree: Tree, archive: string): Promise<ReadonlyMap<string, string>> {
  await tree.add({ 'unpacked/.keep': '' })
  await promisify(execFile)('tar', ['-xzf', archive, '-C', tree.at('unpacked')])
  const folder = join(tree.at('unpacked'), 'headcount-doctor')
  const names = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
  const paths = names.map((entry) => join(entry.parentPath, entry.name))
  return new Map(await Promise.all(paths.map(async (path) => [path.slice(folder.length + 1), await readFile(path, 'latin1')] as const)))
}

const test = suite('headcount doctor --bundle')

test('holds what a bug report needs, and nothing that is secret or a picture', async () => {
  await using tree = await Tree.make()
  await tree.add(machine((name) => tree.at(name)))
  await chmod(tree.at('bin/journalctl'), 0o755)
  const archive = tree.at('report.tar.gz')
  const { code, out, err } = await doctor(tree, ['--bundle', archive])
  assert.is(code, 1, 'nothing answers at these addresses')
  assert.match(out, 'FAILED')
  assert.match(err, 'report.tar.gz is written')
  assert.is((await stat(archive)).mode & 0o777, 0o600)
  const texts = await unpacked(tree, archive)
  for (const name of [
    'findings.json',
    'findings.txt',
    'config.yaml',
    'versions.json',
    'environment.txt',
    'journal.txt',
    'processes.txt',
    'state-folder.txt',
    'proc/meminfo',
  ])
    assert.ok((texts.get(name) ?? '').length > 10, `${name} in ${[...texts.keys()].join(' ')}`)
  assert.match(texts.get('journal.txt') ?? '', 'a line that helps')
  assert.match(texts.get('journal.txt') ?? '', 'GET /?token=*** from 192.0.2.7')
  assert.match(texts.get('config.yaml') ?? '', 'node: hallway')
  assert.match(texts.get('config.yaml') ?? '', 'cam:***@127.0.0.1')
  assert.match(texts.get('state-folder.txt') ?? '', 'last.jpg')
  assert.match(texts.get('environment.txt') ?? '', 'HEADCOUNT_MQTT_PASSWORD=***')
  assert.match(texts.get('processes.txt') ?? '', 'main.js doctor')
  assert.type(JSON.parse(texts.get('findings.json') ?? ''), 'object')
  assert.type(JSON.parse(texts.get('versions.json') ?? ''), 'object')
  const everything = [...texts, ['what was said', out + err] as const]
  for (const [what, word] of Object.entries(PLANTED))
    for (const written of [
      word,
      encodeURIComponent(word),
      JSON.stringify(word).slice(1, -1),
      Buffer.from(word).toString('base64').slice(0, 12),
    ])
      for (const [name, text] of everything) assert.not.ok(text.includes(written) || name.includes(written), `${what} stands in ${name}`)
})

test('is written for a configuration that cannot be used, too', async () => {
  await using tree = await Tree.make({
    'bin/journalctl': '#!/bin/sh\nexit 1\n',
    'config.yaml': `mqtt: { password: ${PLANTED.mqttPassword}, url: "mqtt://u:${PLANTED.foreignUrl}@h" }\n`,
  })
  await chmod(tree.at('bin/journalctl'), 0o755)
  const { code, err } = await doctor(tree, ['--json', '--bundle', tree.at('b.tar.gz')])
  assert.is(code, 1, err)
  const texts = await unpacked(tree, tree.at('b.tar.gz'))
  assert.match(texts.get('config.yaml') ?? '', '2 faults')
  assert.match(texts.get('journal.txt') ?? '', 'no line of headcount')
  for (const text of texts.values()) for (const word of [PLANTED.mqttPassword, PLANTED.foreignUrl]) assert.not.ok(text.includes(word))
})

test('refuses a file that is there already, and a folder that is not, before it looks at anything', async () => {
  await using tree = await Tree.make({ 'mine.tar.gz': 'mine', 'config.yaml': '' })
  const there = await doctor(tree, ['--bundle', tree.at('mine.tar.gz')])
  assert.is(there.code, 1)
  assert.is(there.out, '')
  assert.match(there.err, /is there already.*\[BUNDLE_UNWRITABLE\]/)
  assert.is(await readFile(tree.at('mine.tar.gz'), 'utf8'), 'mine')
  const nowhere = await writeBundle(tree.at('no/such.tar.gz'), new Map()).catch((error: unknown) => error)
  assert.is((nowhere as AgentError).code, 'BUNDLE_UNWRITABLE')
  const raced = await writeBundle(tree.at('mine.tar.gz'), new Map()).catch((error: unknown) => error)
  assert.instance(raced, AgentError)
  assert.is(await readFile(tree.at('mine.tar.gz'), 'utf8'), 'mine')
})

test('leaves nothing on a disk that is full', async () => {
  if (!canMount()) return
  await using tree = await Tree.make({ 'full/.keep': '' })
  const child = fileURLToPath(new URL('./bundle-child.js', import.meta.url))
  const script = 'mount -t tmpfs -o size=64k tmpfs "$1" && exec "$2" "$3" "$1/b.tar.gz"'
  const run = spawnSync('unshare', [MOUNTS, 'sh', '-c', script, 'sh', tree.at('full'), process.execPath, child], {
    encoding: 'utf8',
    timeout: 60_000,
  })
  assert.is(run.status, 0, run.stderr)
  assert.equal(JSON.parse(run.stdout), { code: 'BUNDLE_UNWRITABLE', cause: 'ENOSPC', left: [] })
})

test('every name and length of content comes out of Debian’s tar as it went in', async () => {
  await using tree = await Tree.make()
  const contents = new Map(Array.from({ length: 5 }, (_, index) => [`proc/file ${index}`, `${'x'.repeat(510 + index - 1)}\n`]))
  await writeBundle(tree.at('b.tar.gz'), contents)
  const texts = await unpacked(tree, tree.at('b.tar.gz'))
  assert.equal([...texts].sort(), [...contents].map(([name, text]) => [name.replace(' ', '_'), text]).sort())
})

test('a known secret is found in every way it may be written, a tiny one is left to the rules', () => {
  const redact = redactor(['pa ss/"w%rd', 'ab', '', '   '])
  for (const text of ['pa ss/"w%rd', encodeURIComponent('pa ss/"w%rd'), JSON.stringify({ x: 'pa ss/"w%rd' })]) {
    assert.match(redact(`<${text}>`), '***')
    assert.not.match(redact(`<${text}>`), /pa.*ss/)
  }
  assert.is(redact('about ?token=ab'), 'about ?token=***')
})

test.run()

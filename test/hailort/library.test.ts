import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { LibraryInfo } from 'hailort-node/hailort'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { compileFake, FUNCTIONS } from './fake-library.ts'

interface Failure {
  readonly code: string
  readonly status: number | null
  readonly call: string | null
  readonly what: string
  readonly remedy: string
}

interface Answers {
  readonly loaded: readonly Partial<LibraryInfo & Failure>[]
  readonly scanned: Partial<Failure>
  readonly opened: Partial<Failure>
}

const CHILD = fileURLToPath(new URL('library-child.js', import.meta.url))
const PLACES = fileURLToPath(new URL('../../../native/build/Release/hailort_places', import.meta.url))
const MULTIARCH = `usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`

function temporaryFolder() {
  const path = mkdtempSync(join(tmpdir(), 'headcount-library-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

/** What a process says that finds its libhailort by `env`, then by each of `later`. */
function loadIn(folder: string, env: NodeJS.ProcessEnv, later: readonly string[] = []): Answers {
  const plain = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('HAILORT_')))
  const options = { cwd: folder, env: { ...plain, ...env }, encoding: 'utf8', timeout: 60_000 } as const
  const { status, stdout, stderr } = spawnSync(process.execPath, [CHILD, ...later], options)
  assert.is(status, 0, stderr)
  return JSON.parse(stdout) as Answers
}

function placesUnder(root: string, env: NodeJS.ProcessEnv = {}): string[] {
  const { status, stdout } = spawnSync(PLACES, [root], { env, encoding: 'utf8', timeout: 30_000 })
  assert.is(status, 0)
  return stdout.trim().split('\n')
}

const test = suite('finding libhailort')

test('without any HailoRT every call says what is missing, and nothing crashes', () => {
  using folder = temporaryFolder()
  const { loaded, scanned, opened } = loadIn(folder.path, { HAILORT_LIB: join(folder.path, 'nowhere.so') })
  for (const failure of [...loaded, scanned, opened]) {
    assert.is(failure.code, 'LIBRARY_MISSING')
    assert.match(failure.what ?? '', 'nowhere.so')
    assert.match(failure.remedy ?? '', 'hailo-all')
  }
})

test('a file that is no library says why it cannot be loaded', () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'libhailort.so')
  writeFileSync(path, 'not an ELF file')
  const [failure] = loadIn(folder.path, { HAILORT_LIB: path }).loaded
  assert.is(failure?.code, 'LIBRARY_MISSING')
  assert.match(failure?.what ?? '', /file too short|invalid ELF header/)
})

test('a libhailort of the Hailo-10H is refused in words that name it', () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'libhailort.so')
  compileFake(path, { version: [5, 2, 0], without: 'all' })
  const [failure] = loadIn(folder.path, { HAILORT_LIB: path }).loaded
  assert.is(failure?.code, 'LIBRARY_UNSUPPORTED')
  assert.match(failure?.what ?? '', `${path} is HailoRT 5.2.0. Hailo-10H needs `)
  assert.match(failure?.remedy ?? '', '4.20 to 4.23')
})

test('what is older than 4.20 is refused, what is newer than 4.23 is taken', () => {
  using folder = temporaryFolder()
  for (const version of [
    [4, 19, 9],
    [3, 30, 0],
    [0, 0, 0],
  ] as const) {
    const path = join(folder.path, `${version.join('.')}.so`)
    compileFake(path, { version })
    const [failure] = loadIn(folder.path, { HAILORT_LIB: path }).loaded
    assert.is(failure?.code, 'LIBRARY_UNSUPPORTED')
    assert.match(failure?.what ?? '', `is HailoRT ${version.join('.')}. headcount needs 4.20`)
  }
  for (const version of [
    [4, 20, 0],
    [4, 24, 1],
  ] as const) {
    const path = join(folder.path, `${version.join('.')}.so`)
    compileFake(path, { version })
    assert.equal(loadIn(folder.path, { HAILORT_LIB: path }).loaded, [{ version: version.join('.'), path, simulated: false }])
  }
})

test('every function that is missing is named', () => {
  using folder = temporaryFolder()
  assert.is(FUNCTIONS.length, 41)
  const cases = [
    { without: ['identify', 'release_output_vstreams'], missing: ['identify', 'release_output_vstreams'] },
    { without: 'all', missing: FUNCTIONS.filter((name) => name !== 'get_library_version') },
    { without: ['get_library_version'], missing: ['get_library_version'] },
  ] as const
  for (const [index, { without, missing }] of cases.entries()) {
    const path = join(folder.path, `${index}.so`)
    compileFake(path, { version: [4, 23, 0], without })
    const [failure] = loadIn(folder.path, { HAILORT_LIB: path }).loaded
    assert.is(failure?.code, 'LIBRARY_INCOMPLETE')
    assert.is(failure?.what, `${path} lacks ${missing.map((name) => `hailo_${name}`).join(', ')}.`)
  }
})

test('a library that cannot say its version fails with its status', () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'libhailort.so')
  compileFake(path, { version: [4, 23, 0], versionStatus: 8 })
  const [failure] = loadIn(folder.path, { HAILORT_LIB: path }).loaded
  assert.equal([failure?.code, failure?.status, failure?.call], ['HAILO_INTERNAL_FAILURE', 8, 'hailo_get_library_version'])
})

test('after a failure the next call tries again; after a success nothing else is loaded', () => {
  using folder = temporaryFolder()
  const [old, good, later] = ['old.so', 'good.so', 'later.so'].map((name) => join(folder.path, name)) as [string, string, string]
  compileFake(old, { version: [4, 19, 0] })
  compileFake(good, { version: [4, 23, 0] })
  compileFake(later, { version: [4, 24, 0] })
  const { loaded } = loadIn(folder.path, { HAILORT_LIB: join(folder.path, 'nowhere.so') }, [old, good, later])
  assert.equal(
    loaded.map(({ code, version }) => code ?? version),
    ['LIBRARY_MISSING', 'LIBRARY_UNSUPPORTED', '4.23.0', '4.23.0'],
  )
})

test('the loader finds libhailort.so, and its real path is told', () => {
  using folder = temporaryFolder()
  compileFake(join(folder.path, 'libhailort.so.4.21.0'), { version: [4, 21, 0] })
  symlinkSync('libhailort.so.4.21.0', join(folder.path, 'libhailort.so'))
  const { loaded } = loadIn(folder.path, { LD_LIBRARY_PATH: folder.path })
  assert.equal(loaded, [{ version: '4.21.0', path: join(folder.path, 'libhailort.so.4.21.0'), simulated: false }])
})

test('after the loader come the folders of the system, the newest 4.x of each first', () => {
  using root = temporaryFolder()
  const files = [
    'usr/lib/libhailort.so.4.9.0',
    'usr/lib/libhailort.so.4.23.0',
    'usr/lib/libhailort.so.4.20.1',
    'usr/lib/libhailort.so.5.2.0',
    'usr/lib/libhailort.so.4.x',
    'usr/lib/libhailort.so.',
    'usr/lib/libhailort.so.99999999999.0',
    'usr/lib/libhailortx.so.4.23.0',
    `${MULTIARCH}/libhailort.so.4.22.0`,
    'usr/local/lib/libhailort.so.4.21.0',
    'usr/local/lib/libhailort.so.4.23.0',
  ]
  assert.equal(placesUnder(root.path), ['libhailort.so'])
  for (const folder of ['usr/lib', MULTIARCH, 'usr/local/lib']) mkdirSync(join(root.path, folder), { recursive: true })
  for (const file of files) writeFileSync(join(root.path, file), '')
  const found = [1, 2, 0, 8, 10, 9].map((index) => join(root.path, files[index] ?? ''))
  assert.equal(placesUnder(root.path), ['libhailort.so', ...found])
  assert.equal(placesUnder(root.path, { HAILORT_LIB: '' }), ['libhailort.so', ...found])
  assert.equal(placesUnder(root.path, { HAILORT_LIB: '/opt/libhailort.so' }), ['/opt/libhailort.so'])
})

test('no log is written, unless somebody asked for one', () => {
  using folder = temporaryFolder()
  using logs = temporaryFolder()
  const path = join(folder.path, 'libhailort.so')
  compileFake(path, { version: [4, 23, 0] })
  assert.is(loadIn(folder.path, { HAILORT_LIB: path }).loaded[0]?.version, '4.23.0')
  assert.equal(readdirSync(folder.path), ['libhailort.so'])
  loadIn(folder.path, { HAILORT_LIB: path, HAILORT_LOGGER_PATH: logs.path })
  assert.ok(existsSync(join(logs.path, 'hailort.log')))
  assert.equal(readdirSync(folder.path), ['libhailort.so'])
})

test('a status that nobody knows has the name the library gives it, and its number', () => {
  using folder = temporaryFolder()
  const [named, nameless] = [join(folder.path, 'named.so'), join(folder.path, 'nameless.so')]
  compileFake(named, { version: [4, 23, 0], status: 177, statusName: 'HAILO_OF_TOMORROW' })
  compileFake(nameless, { version: [4, 23, 0], status: 177 })
  const of = ({ code, status, call }: Partial<Failure>) => [code, status, call]
  const known = loadIn(folder.path, { HAILORT_LIB: named })
  assert.equal(of(known.scanned), ['HAILO_OF_TOMORROW', 177, 'hailo_scan_devices'])
  assert.equal(of(known.opened), ['HAILO_OF_TOMORROW', 177, 'hailo_init_vdevice_params'])
  assert.equal(of(loadIn(folder.path, { HAILORT_LIB: nameless }).scanned), ['HAILO_STATUS_177', 177, 'hailo_scan_devices'])
})

test.run()

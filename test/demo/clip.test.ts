import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type FoundClip, findClip, type PackagedClip } from '../../agent/demo/clip.ts'

const test = suite('demo clip')
const run = promisify(execFile)

const PIXELS = Buffer.alloc(300_000, 'people walking ')
const CLIP: PackagedClip = {
  name: 'small.avi',
  package: 'headcount-clip',
  member: './usr/share/clips/small.avi',
  sizeBytes: PIXELS.length,
  sha256: createHash('sha256').update(PIXELS).digest('hex'),
}

/** A cache folder, and a PATH whose apt knows one package: real but for the network. */
class Machine implements AsyncDisposable {
  readonly root: string
  readonly cacheDir: string
  readonly progress: number[] = []

  private constructor(root: string) {
    this.root = root
    this.cacheDir = join(root, 'cache')
  }

  static async make(content: Buffer | null): Promise<Machine> {
    const machine = new Machine(await mkdtemp(join(tmpdir(), 'headcount-clip-')))
    if (content) await machine.#pack(content)
    await machine.program('apt-cache', `echo "Package: ${CLIP.package}"; echo "Size: ${PIXELS.length}"`)
    await machine.program('apt-get', `case "$*" in *" download ${CLIP.package}") cp ${machine.root}/clip.deb . ;; *) exit 100 ;; esac`)
    return machine
  }

  /** Puts a program in front of the PATH. */
  async program(name: string, body: string): Promise<void> {
    await mkdir(join(this.root, 'bin'), { recursive: true })
    await writeFile(join(this.root, 'bin', name), `#!/bin/sh\n${body}\n`)
    await chmod(join(this.root, 'bin', name), 0o755)
  }

  async #pack(content: Buffer): Promise<void> {
    const tree = join(this.root, 'tree')
    await mkdir(join(tree, 'usr/share/clips'), { recursive: true })
    await mkdir(join(tree, 'DEBIAN'))
    await writeFile(join(tree, 'usr/share/clips/small.avi'), content)
    const control = `Package: ${CLIP.package}\nVersion: 1\nArchitecture: all\nMaintainer: nobody <nobody@example.org>\nDescription: a clip\n`
    await writeFile(join(tree, 'DEBIAN/control'), control)
    await run('dpkg-deb', ['--build', '--root-owner-group', tree, join(this.root, 'clip.deb')])
  }

  async find({ dataDir, signal }: { dataDir?: string; signal?: AbortSignal } = {}): Promise<FoundClip> {
    const env = { ...process.env, PATH: `${join(this.root, 'bin')}:${process.env['PATH'] ?? ''}` }
    const onProgress = (thereMb: number) => this.progress.push(thereMb)
    return findClip({
      clip: CLIP,
      cacheDir: this.cacheDir,
      dataDir: dataDir ?? null,
      env,
      onProgress,
      signal: signal ?? new AbortController().signal,
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.root, { recursive: true, force: true })
  }
}

test('takes the one file out of the package and keeps nothing else', async () => {
  await using machine = await Machine.make(PIXELS)
  const found = await machine.find()
  assert.is(found.path, join(machine.cacheDir, 'small.avi'))
  assert.ok(PIXELS.equals(await readFile(join(machine.cacheDir, 'small.avi'))))
  assert.equal(await readdir(machine.cacheDir), ['small.avi'])
  assert.ok(machine.progress.length > 0)
})

test('fetches once: the second time the cached file does', async () => {
  await using machine = await Machine.make(PIXELS)
  await machine.find()
  await machine.program('apt-get', 'exit 100')
  assert.is((await machine.find()).path, join(machine.cacheDir, 'small.avi'))
})

test('prefers the data folder', async () => {
  await using machine = await Machine.make(null)
  const dataDir = join(machine.root, 'data')
  await mkdir(dataDir)
  await writeFile(join(dataDir, 'small.avi'), PIXELS)
  assert.is((await machine.find({ dataDir })).path, join(dataDir, 'small.avi'))
})

test('replaces a cached file that is not whole', async () => {
  await using machine = await Machine.make(PIXELS)
  await mkdir(machine.cacheDir)
  await writeFile(join(machine.cacheDir, 'small.avi'), PIXELS.subarray(1))
  assert.is((await machine.find()).path, join(machine.cacheDir, 'small.avi'))
  assert.ok(PIXELS.equals(await readFile(join(machine.cacheDir, 'small.avi'))))
})

test('says why there is none without a network', async () => {
  await using machine = await Machine.make(null)
  await machine.program('apt-get', 'echo "E: Failed to fetch" >&2; exit 100')
  const found = await machine.find()
  assert.is(found.path, null)
  assert.match(found.path === null ? found.reason : '', 'network')
  assert.equal(await readdir(machine.cacheDir), [])
})

test('says why there is none without package lists', async () => {
  await using machine = await Machine.make(null)
  await machine.program('apt-cache', 'exit 100')
  const found = await machine.find()
  assert.match(found.path === null ? found.reason : '', 'apt-get update')
})

test('refuses a package with another file in it', async () => {
  await using machine = await Machine.make(Buffer.from('something else'))
  const found = await machine.find()
  assert.match(found.path === null ? found.reason : '', 'another small.avi')
  assert.equal(await readdir(machine.cacheDir), [])
})

test('stops a download at once and leaves nothing of it', async () => {
  await using machine = await Machine.make(null)
  await machine.program('apt-get', 'exec sleep 600')
  const stop = new AbortController()
  const found = machine.find({ signal: stop.signal })
  while (machine.progress.length === 0) await new Promise((resolve) => setTimeout(resolve, 20))
  stop.abort()
  assert.is((await found).path, null)
  assert.equal(await readdir(machine.cacheDir), [])
})

test.run()

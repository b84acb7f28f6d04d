import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pipePrograms, runProgram } from './piped.ts'

/** A clip inside a Debian package. */
export interface PackagedClip {
  readonly name: string
  readonly package: string
  /** Its path in the package's archive. */
  readonly member: string
  readonly sizeBytes: number
  readonly sha256: string
}

/** Pedestrians, 768×576, 10 fps, 80 s: part of OpenCV's documentation, the same file in Debian 12 and 13. */
export const PEDESTRIANS: PackagedClip = {
  name: 'vtest.avi',
  package: 'opencv-doc',
  member: './usr/share/doc/opencv-doc/examples/data/vtest.avi',
  sizeBytes: 8_131_690,
  sha256: '45cddc9490be69345cbdab64ca583be65987e864ca408038e648db99e10516cf',
}

export interface ClipOptions {
  readonly clip: PackagedClip
  readonly cacheDir: string
  /** Looked into first; null: there is none. */
  readonly dataDir: string | null
  readonly env: NodeJS.ProcessEnv
  /** Told while the package is on its way: megabytes there and in all. */
  readonly onProgress: (thereMb: number, totalMb: number) => void
  readonly signal: AbortSignal
}

/** Where the clip lies now, or a sentence why it could not be had. */
export type FoundClip = { readonly path: string } | { readonly path: null; readonly reason: string }

const LOOK_EVERY_MS = 500
const FETCH_PREFIX = 'fetching-'
/** A download folder this old belongs to a run that was killed. */
const ABANDONED_MS = 3_600_000

/** The path of the clip: in the data folder, in the cache, or fetched into it once. The package is never installed. */
export async function findClip(options: ClipOptions): Promise<FoundClip> {
  const { clip, cacheDir, dataDir } = options
  for (const folder of [dataDir, cacheDir]) {
    const path = folder === null ? null : resolve(folder, clip.name)
    if (path !== null && (await isClip(path, clip))) return { path }
  }
  try {
    return await fetchClip(options)
  } catch (error) {
    return { path: null, reason: error instanceof Error ? error.message : String(error) }
  }
}

async function isClip(path: string, { sizeBytes, sha256 }: PackagedClip): Promise<boolean> {
  const size = await stat(path).then(
    (status) => status.size,
    () => null,
  )
  if (size !== sizeBytes) return false
  return (
    createHash('sha256')
      .update(await readFile(path))
      .digest('hex') === sha256
  )
}

async function fetchClip({ clip, cacheDir, env, onProgress, signal }: ClipOptions): Promise<FoundClip> {
  const shown = await runProgram(['apt-cache', 'show', '--no-all-versions', clip.package], { env, signal })
  const totalBytes = Number(/^Size: (\d+)$/m.exec(shown.output)?.[1] ?? 0)
  if (totalBytes === 0) return { path: null, reason: `apt knows no package ${clip.package} ("sudo apt-get update" reads the lists).` }

  await mkdir(cacheDir, { recursive: true })
  await removeAbandoned(cacheDir)
  const folder = await mkdtemp(join(cacheDir, FETCH_PREFIX))
  try {
    const deb = await download(folder, { clip, env, signal, onSize: (bytes) => onProgress(bytes / 1e6, totalBytes / 1e6) })
    if (deb === null) return { path: null, reason: `${clip.package} could not be downloaded (is there a network?).` }
    const draft = join(folder, clip.name)
    await pipePrograms(['dpkg-deb', '--fsys-tarfile', deb], ['tar', '-xO', clip.member], { target: createWriteStream(draft), env, signal })
    if (!(await isClip(draft, clip))) return { path: null, reason: `${clip.package} holds another ${clip.name} than the one expected.` }
    await rename(draft, join(cacheDir, clip.name))
    return { path: resolve(cacheDir, clip.name) }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

interface Download extends Pick<ClipOptions, 'clip' | 'env' | 'signal'> {
  readonly onSize: (bytes: number) => void
}

/** The path of the package in `folder`, or null. apt tells no progress to pipes, so the growing file is watched. */
async function download(folder: string, { clip, env, signal, onSize }: Download): Promise<string | null> {
  const done = new AbortController()
  const watching = watchSize(folder, onSize, AbortSignal.any([done.signal, signal]))
  // Its user _apt could not write into a folder of root's; as anybody else apt has no such user.
  const words = ['-q', '-o', 'APT::Sandbox::User=root', '-o', 'Acquire::Retries=2', '-o', 'Acquire::http::Timeout=20'] as const
  const { ok } = await runProgram(['apt-get', ...words, 'download', clip.package], { env, cwd: folder, signal })
  done.abort()
  await watching
  const deb = (await readdir(folder)).find((name) => name.endsWith('.deb'))
  return ok && deb !== undefined ? join(folder, deb) : null
}

async function watchSize(folder: string, onSize: (bytes: number) => void, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const names = await readdir(folder, { recursive: true })
    // A file may be renamed between the two calls: it is seen the next time.
    const sizes = await Promise.all(
      names.map((name) =>
        stat(join(folder, name)).then(
          ({ size }) => size,
          () => 0,
        ),
      ),
    ) // prettier-ignore
    onSize(sizes.reduce((sum, size) => sum + size, 0))
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined)
  }
}

async function removeAbandoned(cacheDir: string): Promise<void> {
  for (const name of await readdir(cacheDir)) {
    if (!name.startsWith(FETCH_PREFIX)) continue
    const status = await stat(join(cacheDir, name)).catch(() => null)
    if (status !== null && Date.now() - status.mtimeMs > ABANDONED_MS) await rm(join(cacheDir, name), { recursive: true, force: true })
  }
}

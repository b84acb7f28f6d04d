import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const BUILDER = fileURLToPath(new URL('./registry-builder.js', import.meta.url))
/** A cold registry costs about a second; a slow SD card more. */
const BUILD_LIMIT_MS = 60_000

function registryPath(cacheDir: string): string {
  return join(cacheDir, 'gstreamer.registry')
}

/** What a process of ours inherits: GST_DEBUG and its like, not the agent's own passwords. */
export function childEnv(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^HEADCOUNT_.*(PASSWORD|TOKEN)/.test(name)))
}

/** The environment of a capture process. */
export function captureEnv(cacheDir: string): NodeJS.ProcessEnv {
  const registry = registryPath(cacheDir)
  return {
    ...childEnv(),
    ...(existsSync(registry) ? { GST_REGISTRY: registry, GST_REGISTRY_UPDATE: 'no' } : {}),
    // Each wait on a bus holds one worker of libuv; it must be there before the process starts.
    UV_THREADPOOL_SIZE: '16',
    // GStreamer translates its messages, and causes are told apart by them.
    LC_ALL: 'C.UTF-8',
  }
}

/**
 * Brings GStreamer's registry in the cache folder up to date, so that captures start without looking through all plugins. Call it before
 * `captureEnv`, at each start of the agent: plugins come with updates. Says what was wrong, or null: without it captures only start slower.
 */
export async function ensureRegistry(cacheDir: string, signal?: AbortSignal): Promise<string | null> {
  try {
    await mkdir(cacheDir, { recursive: true })
    await promisify(execFile)(process.execPath, [BUILDER], {
      // What it prints at a high GST_DEBUG would be more than anybody waits for.
      env: { ...childEnv(), GST_REGISTRY: registryPath(cacheDir), GST_DEBUG: undefined },
      timeout: BUILD_LIMIT_MS,
      killSignal: 'SIGKILL',
      ...(signal ? { signal } : {}),
    })
    return null
  } catch (error) {
    return `GStreamer's registry in ${cacheDir} cannot be kept: ${error instanceof Error ? error.message : String(error)}`
  }
}

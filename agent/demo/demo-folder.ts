import { existsSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { defaultRuntimeFolder } from '../ring/default-folder.ts'
import { RuntimeFolder } from '../ring/runtime-folder.ts'

/** Folders of one demo, all in tmpfs, beside a running agent and without touching it. */
export interface DemoFolder extends AsyncDisposable {
  readonly runtimeDir: string
  readonly stateDir: string
  readonly brokerDir: string
}

/** Makes them; leaving the scope removes them. What a killed demo left goes when the next one starts. */
export async function openDemoFolder(env: NodeJS.ProcessEnv): Promise<DemoFolder> {
  const parent = defaultRuntimeFolder({ env, uid: process.getuid?.() ?? 0, exists: existsSync })
  const folder = await RuntimeFolder.openPrivate(parent)
  const [runtimeDir = '', stateDir = '', brokerDir = ''] = ['agent', 'state', 'broker'].map((name) => join(folder.path, name))
  for (const path of [stateDir, brokerDir]) await mkdir(path, { mode: 0o700 })
  return {
    runtimeDir,
    stateDir,
    brokerDir,
    async [Symbol.asyncDispose]() {
      for (const path of [runtimeDir, stateDir, brokerDir]) await rm(path, { recursive: true, force: true })
      await folder[Symbol.asyncDispose]()
    },
  }
}

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import type { Scenario } from './vdevice-child.ts'

const CHILD = fileURLToPath(new URL('vdevice-child.js', import.meta.url))

/** Lets a process of its own go through a scenario to its end, which must be a good one, and gives what it printed. */
export function run(scenario: Scenario, env: NodeJS.ProcessEnv, ...args: readonly string[]): unknown {
  const options = { env: { ...process.env, ...env }, encoding: 'utf8', timeout: 60_000 } as const
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', CHILD, scenario, ...args], options)
  assert.equal({ status, signal, stderr }, { status: 0, signal: null, stderr: '' }, scenario)
  return JSON.parse(stdout)
}

export interface Holder extends AsyncDisposable {
  readonly ended: Promise<unknown>
  kill(signal: NodeJS.Signals): void
}

/** A process that holds a device until it is killed. */
export async function startHolder(env: NodeJS.ProcessEnv, deviceId: string): Promise<Holder> {
  const child: ChildProcess = spawn(process.execPath, [CHILD, 'hold' satisfies Scenario, deviceId], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  assert.ok(child.stdout)
  await Promise.race([once(child.stdout, 'data'), ended.then(() => Promise.reject(new Error('The holder ended.')))])
  return {
    ended,
    kill: (signal) => child.kill(signal),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}

import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { SimulatedNpu } from '../support/simulated-npu.ts'
import { type FakeNetwork, FakeNetworkLibrary } from './fake-network.ts'

const CHILD = fileURLToPath(new URL('network-child.js', import.meta.url))

/** What a process comes to that configures `hef` and has one frame inferred; it must end well. */
function inferOnce(env: NodeJS.ProcessEnv, ...args: readonly string[]): unknown {
  const options = { env: { ...process.env, ...env }, encoding: 'utf8', timeout: 30_000, killSignal: 'SIGKILL' } as const
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [CHILD, ...args], options)
  assert.equal({ status, signal, stderr }, { status: 0, signal: null, stderr: '' })
  return JSON.parse(stdout)
}

const test = suite('a library that is not trusted')

test('what it says of itself is checked before anything is made of it', async () => {
  await using files = await SimulatedNpu.make()
  const hef = await files.hef('net')
  const cases: [string, FakeNetwork, unknown][] = [
    ['in order', {}, [[]]],
    ['no output', { madeOutputs: 0 }, 'MODEL_UNSUPPORTED'],
    ['an output that the HEF does not have', { madeOutputs: 2 }, 'MODEL_UNSUPPORTED'],
    ['two groups', { groups: 2 }, 'MODEL_UNSUPPORTED'],
    ['no group', { groups: 0 }, 'MODEL_UNSUPPORTED'],
    ['answers of no bytes', { outputFrameBytes: 0 }, 'MODEL_UNSUPPORTED'],
    ['answers a byte too long', { outputFrameBytes: 160_321 }, 'MODEL_UNSUPPORTED'],
    ['frames a byte too short', { inputFrameBytes: 47 }, 'MODEL_UNSUPPORTED'],
    ['no class', { classes: 0 }, 'MODEL_UNSUPPORTED'],
    ['answers of 86 GB', { classes: 65_536, mostBoxes: 65_536 }, 'MODEL_UNSUPPORTED'],
    // classes × (1 + 5 × most) × 4 is 2^64 + 29,120.
    ['answers whose size wraps round', { classes: 2_148_756_504, mostBoxes: 429_242_309, outputFrameBytes: 29_120 }, 'MODEL_UNSUPPORTED'],
    ['a list of four milliards', { neededInfos: 0xffff_ffff }, 'HAILO_INSUFFICIENT_BUFFER'],
  ]
  for (const [what, network, expected] of cases) {
    using library = new FakeNetworkLibrary(network)
    assert.equal(inferOnce(library.env, hef), expected, what)
  }
})

test('of an NMS output only the two fields are read that mean the same in 4.20', async () => {
  for (const version of ['4.20.0', '4.23.0']) {
    await using old = await SimulatedNpu.make({ version })
    const detector = { kind: 'script', frames: [[[0.25, 0.25, 0.5, 0.75, 0.5, 7]]] } as const
    assert.equal(inferOnce(old.env, await old.hef('net', { detector })), [[0.25, 0.25, 0.5, 0.75, 0.5, 7]], version)
  }
})

test('closing ends the readers first, then the vstreams; the group is left to the device', async () => {
  await using files = await SimulatedNpu.make()
  const hef = await files.hef('net')
  using library = new FakeNetworkLibrary({ read: 'blocks' })
  assert.is(inferOnce(library.env, hef, 'unanswered'), 'CLOSED')
  assert.equal(library.notes, ['read', 'shutdown while it is read', 'release input', 'release output', 'release vdevice'])
})

test('an answer that comes only while the vstream is released finds its buffer', async () => {
  await using files = await SimulatedNpu.make()
  const hef = await files.hef('net')
  using library = new FakeNetworkLibrary({ read: 'late' })
  // With the address sanitizer this would end the process.
  assert.is(inferOnce(library.env, hef), 'HAILO_TIMEOUT')
  assert.equal(library.notes, ['read', 'shutdown', 'release input', 'release output', 'release vdevice'])
})

test('a machine that gives no more threads refuses the model, and nothing crashes', async () => {
  await using files = await SimulatedNpu.make()
  const hef = await files.hef('net')
  using library = new FakeNetworkLibrary({ configureMs: 1 })
  using threads = new ScarceThreads()
  assert.is(inferOnce({ ...library.env, LD_PRELOAD: threads.preload }, hef), 'NO_THREAD')
  assert.equal(library.notes.at(-1), 'release vdevice')
})

/** A pthread_create that fails as soon as anything is noted: the next thread is then the model's. */
class ScarceThreads implements Disposable {
  readonly #dir = mkdtempSync(join(tmpdir(), 'headcount-threads-'))
  readonly preload = [process.env['LD_PRELOAD'], join(this.#dir, 'scarce.so')].filter(Boolean).join(' ')

  constructor() {
    const input = `#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>
int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*run)(void*), void* argument) {
  static int (*real)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
  if (!real) real = dlsym(RTLD_NEXT, "pthread_create");
  if (access(getenv("FAKE_NOTES"), F_OK) == 0) return EAGAIN;
  return real(thread, attributes, run, argument);
}
`
    execFileSync('cc', ['-shared', '-fPIC', '-x', 'c', '-', '-o', join(this.#dir, 'scarce.so'), '-ldl'], { input, timeout: 60_000 })
  }

  [Symbol.dispose](): void {
    rmSync(this.#dir, { recursive: true, force: true })
  }
}

test.run()

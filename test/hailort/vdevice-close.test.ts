import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { VDevice } from 'hailort-node/hailort'
import { HailoError } from 'hailort-node/hailort-status'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { SimulatedNpu } from '../support/simulated-npu.ts'
import { compileFake } from './fake-library.ts'
import { FakeNetworkLibrary } from './fake-network.ts'
import { simulatedHere } from './simulator.ts'
import type { Scenario } from './vdevice-child.ts'
import { run } from './vdevice-process.ts'

const npu = await simulatedHere()
const hef = await npu.hef('closing')

/** What a promise comes to: a code of HailoError, or `done`. */
const outcome = (call: Promise<unknown>) =>
  call.then(
    () => 'done',
    (error: unknown) => (error instanceof HailoError ? error.code : error),
  )

/** Every way to use a device, as the code it fails with. */
const uses = (device: VDevice) =>
  Promise.all(
    [
      device.identify(),
      device.temperature(),
      device.extendedInformation(),
      device.reset('soft'),
      device.configure(hef, { batchSize: 1 }),
    ].map(outcome),
  )

/** A libhailort that notes what is done to it: which thread releases, and when it is unloaded. With `asksForGo` the chip gives no temperature until the file of the notes has one beside it that ends with .go, for 10 s. */
class NotingLibrary implements Disposable {
  readonly #dir = mkdtempSync(join(tmpdir(), 'headcount-noting-'))
  readonly env = { HAILORT_LIB: join(this.#dir, 'libhailort.so'), FAKE_NOTES: join(this.#dir, 'notes') }

  constructor({ releaseMs = 0, asksForGo = false } = {}) {
    const note = `static void note(const char* text) {
      FILE* notes = fopen(getenv("FAKE_NOTES"), "a"); fprintf(notes, "%s\\n", text); fclose(notes);
    }
    __attribute__((destructor)) static void unloaded(void) { note("unloaded"); }`
    compileFake(this.env.HAILORT_LIB, {
      version: [4, 23, 0],
      functions: {
        init_vdevice_params: `${note} int hailo_init_vdevice_params() { return 0; }`,
        create_vdevice: 'int hailo_create_vdevice(void* params, void** made) { *made = params; note("create"); return 0; }',
        get_physical_devices:
          'int hailo_get_physical_devices(void* of, void** devices, size_t* count) { *devices = of; *count = 1; return 0; }',
        vdevice_get_physical_devices_ids:
          'int hailo_vdevice_get_physical_devices_ids(void* of, char* ids, size_t* count) { strcpy(ids, "fake"); *count = 1; return 0; }',
        get_chip_temperature: `int hailo_get_chip_temperature() {
          char go[4096];
          snprintf(go, sizeof go, "%s.go", getenv("FAKE_NOTES"));
          for (int waited = 0; ${asksForGo ? 1 : 0} && access(go, F_OK) != 0 && waited < 2000; waited++) usleep(5000);
          return 0;
        }`,
        identify: 'int hailo_identify() { return 0; }',
        release_vdevice: `int hailo_release_vdevice() {
          note(syscall(SYS_gettid) == getpid() ? "release on the main thread" : "release");
          usleep(${releaseMs} * 1000); note("released"); return 0;
        }`,
      },
    })
  }

  /** In the order they were written. */
  get notes(): string[] {
    return readFileSync(this.env.FAKE_NOTES, 'utf8').trim().split('\n')
  }

  [Symbol.dispose](): void {
    rmSync(this.#dir, { recursive: true, force: true })
  }
}

const test = suite('closing devices')

test('closing twice, at once and later, is closing once; afterwards everything says that it is closed', async () => {
  const device = await VDevice.open()
  const first = device.close()
  assert.is(device.close(), first)
  assert.equal(await uses(device), Array(5).fill('CLOSED'), 'while it closes')
  await first
  await device.close()
  await device[Symbol.asyncDispose]()
  assert.equal(await uses(device), Array(5).fill('CLOSED'))
  assert.is(device.deviceIds.length, 1)
  await using again = await VDevice.open()
  assert.is(await outcome(again.identify()), 'done')
})

test('a device that is closed while it is asked is released when it has answered', async () => {
  for (let round = 0; round < 20; round++) {
    const device = await VDevice.open()
    const asked = [device.identify(), device.temperature(), device.extendedInformation()].map(outcome)
    if (round % 2 === 0) await Promise.resolve()
    await device.close()
    for (const answer of await Promise.all(asked)) assert.ok(['done', 'CLOSED'].includes(String(answer)), String(answer))
  }
  await (await VDevice.open()).close()
})

test('a device that is closed while a model is configured gives nobody the model', async () => {
  for (let round = 0; round < 10; round++) {
    const device = await VDevice.open()
    const configured = outcome(device.configure(hef, { batchSize: 1 }))
    if (round > 0) await sleep(round % 5)
    await device.close()
    const answer = await configured
    assert.ok(round > 0 ? ['done', 'CLOSED'].includes(String(answer)) : answer === 'CLOSED', String(answer))
  }
  await (await VDevice.open()).close()
})

test('closing a device closes its models first, in the middle of an inference too', async () => {
  const device = await VDevice.open()
  const model = await device.configure(hef, { batchSize: 1 })
  const frame = new Uint8Array(model.input.frameBytes)
  assert.is((await model.infer([frame])).length, 1)
  const busy = Array.from({ length: 8 }, () => outcome(model.infer([frame])))
  await device.close()
  for (const answer of await Promise.all(busy)) assert.ok(['done', 'CLOSED'].includes(String(answer)), String(answer))
  assert.is(await outcome(model.infer([frame])), 'CLOSED')
  await model.close()
})

test('while the chip stalls, closing waits and nothing else does', async () => {
  const device = await VDevice.open()
  const model = await device.configure(hef, { batchSize: 1, timeoutMs: 60_000 })
  await npu.fault({ fault: 'stall' })
  await sleep(100)
  const unanswered = outcome(model.infer([new Uint8Array(model.input.frameBytes)]))
  let closed = false
  const closing = device.close().then(() => {
    closed = true
  })
  assert.is(await unanswered, 'CLOSED')
  assert.equal(await uses(device), Array(5).fill('CLOSED'))
  await sleep(100)
  assert.not(closed)
  await npu.heal()
  await closing
  await (await VDevice.open()).close()
})

test('a device that nobody holds any more is released by itself', async () => {
  await using own = await SimulatedNpu.make()
  assert.is(run('forget', own.env), 'free again')
})

test('collecting a device whose chip stalls stops nothing, and it is released after the stall', async () => {
  await using own = await SimulatedNpu.make()
  assert.equal(run('forget-while-stalled', own.env, await own.hef('forgotten')), { whileStalled: 74 })
})

test('a worker thread that ends gives its device back', async () => {
  await using own = await SimulatedNpu.make()
  assert.is(run('end-worker', own.env), 'free again')
})

test('a process ends well in the middle of everything, and the next one can have the device', async () => {
  await using own = await SimulatedNpu.make()
  const path = await own.hef('ending')
  const ways: readonly Scenario[] = ['exit-while-open', 'exit-at-once', 'exit-while-opening', 'exit-while-closing', 'exit-closed']
  for (const way of [...ways, ...ways]) run(way, own.env)
  assert.is((run('exit-while-stalled', own.env, path) as { code: string }).code, 'CLOSED')
  await own.heal()
  run('exit-closed', own.env)
})

test('what is open when the process ends is leaked, not released', () => {
  for (const way of ['exit-while-open', 'exit-at-once'] as const) {
    using library = new NotingLibrary()
    run(way, library.env)
    assert.equal(library.notes, ['create', 'unloaded'], way)
  }
})

test('a release that is under way when the process ends is waited for', () => {
  using library = new NotingLibrary({ releaseMs: 300 })
  run('exit-while-closing', library.env)
  assert.equal(library.notes, ['create', 'release', 'released', 'unloaded'])
})

test('releases are never on the thread of JavaScript', () => {
  using library = new NotingLibrary()
  run('exit-closed', library.env)
  assert.equal(library.notes, ['create', 'release', 'released', 'unloaded'])
  run('forget', library.env)
  assert.ok(library.notes.filter((line) => line === 'release').length > 5)
  assert.not(library.notes.includes('release on the main thread'))
})

test('models are configured one after another, so that a chip which hangs takes one thread of libuv', async () => {
  await using files = await SimulatedNpu.make()
  using library = new FakeNetworkLibrary({ configureMs: 30 })
  assert.is(run('configure-at-once', library.env, await files.hef('net')), 5)
  assert.equal(
    library.notes.filter((note) => note.startsWith('configure')),
    Array.from({ length: 5 }, () => ['configure', 'configured']).flat(),
  )
})

test('questions to a slow chip wait for each other, so that files can still be read', () => {
  using library = new NotingLibrary({ asksForGo: true })
  assert.equal(run('ask-a-slow-chip', library.env), ['file', ...Array<string>(6).fill('temperature')])
})

test.run()

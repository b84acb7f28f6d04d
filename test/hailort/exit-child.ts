import { setTimeout as sleep } from 'node:timers/promises'
import { isMainThread, workerData } from 'node:worker_threads'
import { type Model, VDevice } from 'hailort-node/hailort'

// Ends, as a process or as a worker thread, with a model in some state: `exit-child.js HEF STATE`. Devices come from the environment.

const [, , hef = '', state = ''] = isMainThread ? process.argv : (workerData as string[])

const vdevice = await VDevice.open()
const model: Model = await vdevice.configure(hef, { batchSize: 2, timeoutMs: 5_000 })
const frame = new Uint8Array(model.input.frameBytes)
const infer = () => model.infer([frame, frame])
await infer()

const ends: Readonly<Record<string, () => void | Promise<void>>> = {
  /** Nothing is under way: the event loop ends by itself. */
  idle: () => undefined,
  exitIdle: () => process.exit(0),
  exitInFlight: () => {
    for (let call = 0; call < 8; call++) void infer()
    process.exit(0)
  },
  /** Threads are in the middle of the library, answers are queued for the event loop. */
  exitAtWork: async () => {
    for (let call = 0; call < 8; call++) void infer().then(() => infer())
    await sleep(20)
    process.exit(0)
  },
  exitClosing: () => {
    void infer().catch(() => undefined)
    void model.close()
    process.exit(0)
  },
  closed: async () => {
    await model.close()
    await vdevice.close()
  },
  /** The answer comes, then the event loop ends. */
  unawaited: () => {
    void infer()
  },
  /** Threads are stuck in the library. */
  exitStuck: async () => {
    process.send?.('stick')
    await new Promise((resolve) => process.once('message', resolve))
    void infer().catch(() => undefined)
    await sleep(100)
    process.exit(0)
  },
  exitClosingStuck: async () => {
    process.send?.('stick')
    await new Promise((resolve) => process.once('message', resolve))
    void infer().catch(() => undefined)
    await sleep(100)
    void model.close().catch(() => undefined)
    await sleep(100)
    process.exit(0)
  },
}

await ends[state]?.()

import { readFileSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { library, scan, VDevice } from 'hailort-node/hailort'
import { HailoError } from 'hailort-node/hailort-status'

// One scenario in a process of its own; it prints JSON. The test looks at that, and at how the process ends.

declare const gc: () => void

const control = (value: unknown) => writeFileSync(process.env['HAILORT_SIM_CONTROL'] ?? '', JSON.stringify(value))
const say = (answer: unknown) => process.stdout.write(JSON.stringify(answer))
const said = (error: unknown) => {
  if (!(error instanceof HailoError)) throw error
  return { code: error.code, status: error.status, call: error.call, remedy: error.remedy }
}
const status = (opening: Promise<VDevice>) => opening.then(() => null, said).then((fault) => fault?.status ?? 0)

/** Opens it once whoever had it has let go. */
async function openWhenFree(): Promise<VDevice> {
  for (let tries = 0; ; tries++) {
    try {
      return await VDevice.open()
    } catch (error) {
      if (tries === 1_000) throw error
      await sleep(20)
    }
  }
}

const scenarios = {
  'scan-and-open': async () => {
    say({ found: await scan(), fault: await VDevice.open().then(() => null, said) })
  },

  'extended-information': async () => {
    await using device = await VDevice.open()
    say({ version: library().version, extended: await device.extendedInformation() })
  },

  hold: async () => {
    const [, , , deviceId = ''] = process.argv
    const device = await VDevice.open({ deviceId })
    say(device.deviceIds)
    await sleep(600_000)
  },

  /** Drops an open device with a model; the chip stalls, so that letting go of them takes long. */
  'forget-while-stalled': async () => {
    const [, , , hef = ''] = process.argv
    await (async () => {
      const device = await VDevice.open()
      await device.configure(hef, { batchSize: 1, timeoutMs: 500 })
    })()
    control({ fault: 'stall' })
    await sleep(100)
    gc()
    await sleep(100)
    gc()
    const whileStalled = await status(VDevice.open())
    control({})
    await (await openWhenFree()).close()
    say({ whileStalled })
  },

  forget: async () => {
    for (let round = 0; round < 5; round++) {
      await VDevice.open()
      await sleep(1)
      gc()
      await (await openWhenFree()).close()
    }
    say('free again')
  },

  'exit-while-open': async () => {
    const device = await VDevice.open()
    void device.temperature()
    say('open')
  },

  'exit-at-once': async () => {
    const device = await VDevice.open()
    void device.identify()
    say('open')
    process.exit(0)
  },

  'exit-while-opening': async () => {
    void VDevice.open()
    say('opening')
    process.exit(0)
  },

  'exit-while-closing': async () => {
    const device = await VDevice.open()
    void device.close()
    const notes = process.env['FAKE_NOTES']
    while (notes !== undefined && !readFileSync(notes, 'utf8').includes('release')) await sleep(1)
    say('closing')
    process.exit(0)
  },

  /** A model has a frame that the chip never answers, and the device is being closed, when the process ends. */
  'exit-while-stalled': async () => {
    const [, , , hef = ''] = process.argv
    const device = await VDevice.open()
    const model = await device.configure(hef, { batchSize: 1, timeoutMs: 20_000 })
    control({ fault: 'stall' })
    await sleep(100)
    const infers = model.infer([new Uint8Array(model.input.frameBytes)]).catch(said)
    void device.close()
    say(await infers)
    process.exit(0)
  },

  /** Asks more often than libuv has threads, then reads a file; the chip answers after that. */
  'ask-a-slow-chip': async () => {
    const device = await VDevice.open()
    const order: string[] = []
    const asked = Array.from({ length: 6 }, () => device.temperature().then(() => order.push('temperature')))
    await readFile('/proc/self/stat')
    order.push('file')
    writeFileSync(`${process.env['FAKE_NOTES']}.go`, '')
    await Promise.all(asked)
    say(order)
  },

  'configure-at-once': async () => {
    const [, , , hef = ''] = process.argv
    await using device = await VDevice.open()
    const models = await Promise.all(Array.from({ length: 5 }, () => device.configure(hef, { batchSize: 1 })))
    say(models.length)
  },

  'exit-closed': async () => {
    const device = await VDevice.open()
    await device.close()
    say('closed')
  },

  /** A worker thread ends with a device open and one question under way: the process goes on and can have the device. */
  'end-worker': async () => {
    for (let round = 0; round < 3; round++) {
      const worker = new Worker(
        `import(${JSON.stringify(import.meta.resolve('hailort-node/hailort'))}).then(async ({ VDevice }) => {
          const device = await VDevice.open()
          void device.temperature()
          require('node:worker_threads').parentPort.postMessage('open')
          setInterval(() => device, 1_000)
        })`,
        { eval: true },
      )
      await new Promise((opened) => worker.once('message', opened))
      await worker.terminate()
      await (await openWhenFree()).close()
    }
    say('free again')
  },
}

export type Scenario = keyof typeof scenarios

await scenarios[process.argv[2] as Scenario]()

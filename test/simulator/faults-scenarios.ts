import { call, callAside } from './calls.ts'
import { createDevice, scan, withDeviceId } from './devices.ts'
import { configure, createHef, ECHO, echoed, frameSaying, hefOf, type Opened, open, openVdevice } from './network.ts'
import { writeControl } from './run-scenario.ts'

const control = process.env['HAILORT_SIM_CONTROL'] ?? ''
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Writes the control file, and waits until the library has looked at it. */
async function order(orders: object): Promise<void> {
  writeControl(control, orders)
  await pause(60)
}

/** Statuses of one write and one read. */
async function infer(opened: Opened, buffer = opened.frame()): Promise<number[]> {
  return [await opened.write(frameSaying(8)), await opened.read(buffer)]
}

const ID = '0000:01:00.0'
const createVdevice = () => call('create_vdevice', null, Buffer.alloc(8))

function celsius(device: bigint): number {
  const bytes = Buffer.alloc(12)
  call('get_chip_temperature', device, bytes)
  return bytes.readFloatLE(0)
}

export const scenarios = {
  /** The library wrote into a buffer whose read had timed out; the fault is over after one batch. */
  async timeout() {
    const opened = open(ECHO, { timeoutMs: 1_000 })
    await order({ fault: 'timeout' })
    const lent = opened.frame()
    const first = await infer(opened, lent)
    const before = lent.every((byte) => byte === 0)
    const next = await opened.read(opened.frame())
    const result = { first, before, next, late: echoed(lent) }
    opened.close()
    const again = open(ECHO, { timeoutMs: 1_000 })
    return { ...result, again: await infer(again) }
  },

  /** What another process has used up is used up. */
  async usedUp() {
    return infer(open(ECHO, { timeoutMs: 700 }))
  },

  async stall() {
    const opened = open(ECHO, { timeoutMs: 1_000, queueSize: 4 })
    const before = await infer(opened)
    await order({ fault: 'stall' })
    const during = await infer(opened)
    const { status, device } = createDevice(ID)
    const identified = [status, call('identify', device, Buffer.alloc(140))]
    setTimeout(() => writeControl(control, {}), 700)
    const beganMs = performance.now()
    const reading = opened.read(opened.frame())
    const closing = callAside('shutdown_network_group', opened.group)
    const blocked = await reading
    const wokenMs = performance.now() - beganMs
    const shut = await closing
    const tookMs = performance.now() - beganMs
    opened.close()
    return { before, during, identified, blocked, shut, quicker: wokenMs < tookMs, tookMs, after: await infer(open(ECHO)) }
  },

  async seconds() {
    const opened = open(ECHO, { timeoutMs: 5_000 })
    await order({ fault: 'stall', seconds: 2 })
    const beganMs = performance.now()
    return { statuses: await infer(opened), waited: performance.now() - beganMs > 200 }
  },

  async lost() {
    const opened = open(ECHO, { timeoutMs: 5_000 })
    const reading = opened.read(opened.frame())
    await pause(50)
    const { device } = createDevice(ID)
    writeControl(control, { fault: 'lost' })
    const blocked = await reading
    const during = {
      write: await opened.write(frameSaying(1)),
      scanned: scan(4).number,
      identify: call('identify', device, Buffer.alloc(140)),
    }
    await order({})
    const gone = await opened.write(frameSaying(1))
    opened.close()
    await order({ fault: 'lost' })
    const opening = [createVdevice(), createDevice(ID).status]
    await order({})
    return { blocked, during, gone, opening, after: await infer(open(ECHO)) }
  },

  another: () => ({ found: scan(4).number, status: createVdevice() }),

  async opening() {
    const statuses: Record<string, number[]> = {}
    for (const fault of ['version-mismatch', 'busy']) {
      await order({ fault })
      statuses[fault] = [createVdevice(), withDeviceId(ID), createDevice(ID).status, scan(4).number]
    }
    await order({})
    return { ...statuses, after: createVdevice() }
  },

  async wrongArch() {
    const vdevice = openVdevice()
    const hef = createHef(hefOf(ECHO))
    await order({ fault: 'wrong-arch' })
    const bytes = Buffer.alloc(140)
    call('identify', createDevice(ID).device, bytes)
    return { architecture: bytes.readUInt32LE(56), configure: configure(vdevice, hef).status }
  },

  async slow() {
    const opened = open({ ...ECHO, fps: { '1': 50 } }, { timeoutMs: 5_000 })
    const timed = async () => {
      const beganMs = performance.now()
      await infer(opened)
      return performance.now() - beganMs
    }
    const usuals: number[] = []
    while (usuals.length < 6) usuals.push(await timed())
    await order({ fault: 'slow', factor: 20 })
    return { ratio: (await timed()) / Math.min(...usuals) }
  },

  async temperature() {
    const { device } = createDevice(ID)
    const cool = celsius(device)
    await order({ fault: 'temperature-ramp', degreesPerSecond: 50 })
    const warm = celsius(device)
    await pause(300)
    const warmer = celsius(device)
    await order({ fault: 'temperature-ramp', degreesPerSecond: 100_000 })
    return { cool, rises: warm > cool && warmer > warm, hottest: celsius(device) }
  },

  async corrupt() {
    const opened = open(ECHO)
    await order({ fault: 'corrupt' })
    const counts: (number | string)[] = []
    for (let i = 0; i < 2; i++) {
      const buffer = opened.frame()
      await infer(opened, buffer)
      counts.push(buffer.readFloatLE(0), String(buffer.readFloatLE(4)))
    }
    await order({})
    const buffer = opened.frame()
    await infer(opened, buffer)
    return { counts: [counts[0], counts[2], counts[3]], after: echoed(buffer) }
  },

  async detector() {
    const opened = open(ECHO)
    await order({ detector: { kind: 'script', frames: [[[0.5, 0.25, 1, 1, 0.5, 0]]] } })
    const buffer = opened.frame()
    await infer(opened, buffer)
    const x1 = buffer.readFloatLE(8)
    await order({ fault: 'nonsense' })
    await infer(opened, buffer)
    return { x1, after: echoed(buffer) }
  },

  async plugin() {
    const vdevice = openVdevice()
    return configure(vdevice, createHef(hefOf({ ...ECHO, detector: { kind: 'onnx', file: '/nowhere/x.onnx' } }))).status
  },
}

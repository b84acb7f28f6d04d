import { mkdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { call } from './calls.ts'
import { withDeviceId } from './devices.ts'
import { ECHO, frameSaying, type Opened, open } from './network.ts'
import { writeControl } from './run-scenario.ts'

const control = process.env['HAILORT_SIM_CONTROL'] ?? ''
/** Until the library has looked at the file again, for certain. */
const LOOKED_MS = 60

/** Statuses of one write and one read. */
async function infer(opened: Opened): Promise<number[]> {
  return [await opened.write(frameSaying(8)), await opened.read(opened.frame())]
}

export const scenarios = {
  /** Opening the device that is there without a control file, and inferring on it. */
  usual: async () => [withDeviceId('0000:01:00.0'), call('create_vdevice', null, Buffer.alloc(8))],

  infer: () => infer(open(ECHO, { timeoutMs: 1_000 })),

  /** The file becomes a folder, comes back, is taken away and comes back. */
  async replaced() {
    const opened = open(ECHO, { timeoutMs: 1_000 })
    const statuses = [await infer(opened)]
    rmSync(control)
    mkdirSync(control)
    await pause(LOOKED_MS)
    statuses.push(await infer(opened))
    rmdirSync(control)
    await pause(LOOKED_MS)
    statuses.push(await infer(opened))
    writeControl(control, { fault: 'lost' })
    await pause(LOOKED_MS)
    return [...statuses, [await opened.write(frameSaying(1))]]
  },

  /** Written in place and slowly, as an editor may. */
  async halfWritten() {
    const opened = open(ECHO, { timeoutMs: 1_000 })
    writeFileSync(control, '{"fault": "st')
    await pause(LOOKED_MS)
    const half = await infer(opened)
    writeFileSync(control, '{"fault": "stall"}')
    await pause(LOOKED_MS)
    return { half, whole: await infer(opened) }
  },
}

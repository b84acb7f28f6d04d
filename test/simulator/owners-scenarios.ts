import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { call } from './calls.ts'
import { ECHO, frameSaying, open, releaseVstreams } from './network.ts'

/** Until the thread of a read is inside the library. */
const READING_MS = 700

const createVdevice = () => call('create_vdevice', null, Buffer.alloc(8))

export const scenarios = {
  /** Holds the device until it is killed. */
  async hold() {
    process.stdout.write(`${createVdevice()}\n`)
    for await (const _ of createInterface(process.stdin));
  },

  take: createVdevice,

  /** What would be use after free. */
  async releaseUnderReader() {
    const opened = open(ECHO, { timeoutMs: 20_000 })
    opened.read(opened.frame()).catch(() => undefined)
    await pause(READING_MS)
    return releaseVstreams('output', opened.outputs)
  },

  async vdeviceUnderReader() {
    const opened = open(ECHO, { timeoutMs: 20_000 })
    opened.read(opened.frame()).catch(() => undefined)
    await pause(READING_MS)
    return call('release_vdevice', opened.vdevice)
  },

  /** A read gives up and its vstream is released; then the chip would have the answer. */
  async lateAfterRelease() {
    const opened = open({ ...ECHO, fps: { '1': 1 } }, { timeoutMs: 100 })
    const lent = opened.frame()
    const statuses = [await opened.write(frameSaying(8)), await opened.read(lent), releaseVstreams('output', opened.outputs)]
    await pause(1_500)
    return { statuses, untouched: lent.every((byte) => byte === 0) }
  },

  useAfterRelease() {
    const opened = open(ECHO)
    opened.close()
    return call('shutdown_network_group', opened.group)
  },
}

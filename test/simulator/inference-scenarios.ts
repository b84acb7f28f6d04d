import type { SimulatedNetwork } from 'hailort-node/simulated-hef'
import { call, given } from './calls.ts'
import { ECHO, echoed, frameSaying, type Opened, open, openVdevice, unpack, type VstreamSettings } from './network.ts'

const FRAMES = 200

const named = (name: string, more: Partial<SimulatedNetwork> = {}): SimulatedNetwork => ({ ...ECHO, ...more, name })

/** Writes frames that say 0, 1, 2… and reads them on another thread; what was read, and how long that took, for the later half and in all. */
async function stream(opened: Opened, frames: number, frameOf = (i: number) => frameSaying(i % 256)) {
  const seen: number[] = []
  const beganMs = performance.now()
  let halfMs = 0
  const reading = (async () => {
    const buffer = opened.frame()
    for (let i = 0; i < frames; i++) {
      const status = await opened.read(buffer)
      if (status !== 0) throw new Error(`read ${i} gave ${status}`)
      seen.push(echoed(buffer))
      if (i === frames >> 1) halfMs = performance.now()
    }
    halfMs = performance.now() - halfMs
  })()
  for (let i = 0; i < frames; i++) {
    const status = await opened.write(frameOf(i))
    if (status !== 0) throw new Error(`write ${i} gave ${status}`)
  }
  await reading
  return { seen, halfMs, tookMs: performance.now() - beganMs }
}

/** Frames in a second: of the later half, when the chip is in full swing, and of all, which can only be too few. */
async function fpsOf(network: SimulatedNetwork, settings: VstreamSettings, frames = FRAMES): Promise<{ half: number; all: number }> {
  const opened = open(network, { queueSize: 16, ...settings })
  // The same one again and again: making a frame costs more than the link takes for it.
  const frame = frameSaying(0, network)
  const { halfMs, tookMs } = await stream(opened, frames, () => frame)
  opened.close()
  return { half: ((frames >> 1) - 1) / (halfMs / 1_000), all: frames / (tookMs / 1_000) }
}

const BOX = [0.125, 0.25, 0.5, 0.75] as const
const script: SimulatedNetwork = named('script', {
  detector: {
    kind: 'script',
    frames: [
      [
        [...BOX, 0.5, 1],
        [...BOX, 0.75, 0],
        [0.5, 0.5, 0.75, 1, 0.875, 0],
      ],
      [],
      [[...BOX, 0.25, 7]],
    ],
  },
})

async function readScript(opened: Opened, frames: number): Promise<number[][][]> {
  const answers: number[][][] = []
  for (let i = 0; i < frames; i++) {
    await opened.write(frameSaying(1))
    const buffer = opened.frame()
    await opened.read(buffer)
    answers.push(unpack(buffer))
  }
  return answers
}

const tensor = (name: string, type: 'uint8' | 'uint16') => ({
  name,
  shape: { height: 2, width: 2, features: 65 },
  type,
  quant: { zeroPoint: 3, scale: 0.5 },
})

export const scenarios = {
  async order() {
    const opened = open(ECHO, { queueSize: 6, batchSize: 4 })
    const { seen } = await stream(opened, FRAMES)
    opened.close()
    return seen
  },

  /** So slow that the frames come in time on a busy machine, too. */
  async batches() {
    const network = named('yolov8n', { fps: { '1': 20, '8': 44 } })
    return {
      one: (await fpsOf(network, { batchSize: 1 }, 40)).half,
      eight: (await fpsOf(network, { batchSize: 8 }, 96)).half,
      four: (await fpsOf(network, { batchSize: 4 }, 64)).half,
    }
  },

  async shared() {
    const vdevice = openVdevice()
    const both = ['a', 'b'].map((name) => open(named(name, { fps: { '1': 400 } }), { queueSize: 4 }, vdevice))
    const endedMs = await Promise.all(
      both.map(async (opened) => {
        await stream(opened, 100)
        return performance.now()
      }),
    )
    const beganMs = performance.now()
    await stream(both[0] as Opened, 100)
    return { apartMs: Math.abs((endedMs[0] ?? 0) - (endedMs[1] ?? 0)), aloneMs: performance.now() - beganMs }
  },

  link: async () =>
    (await fpsOf(named('large', { input: { name: 'large/input', width: 2_048, height: 2_048 } }), { queueSize: 4 }, 40)).all,

  async script() {
    const opened = open(script)
    return readScript(opened, 4)
  },

  async thresholds() {
    const opened = open(script)
    const [output = 0n] = opened.outputs
    const set = (name: 'score' | 'iou', value: number) => call(`vstream_set_nms_${name}_threshold`, output, value)
    const sizes = [opened.frame().length]
    const answers = [set('score', 0.6), set('iou', 0.4), set('score', 2), set('iou', Number.NaN)]
    answers.push(call('vstream_set_nms_max_proposals_per_class', output, 1), call('vstream_set_nms_max_proposals_per_class', output, 0))
    sizes.push(opened.frame().length)
    const wrongSize = await opened.read(Buffer.alloc(sizes[0] ?? 0))
    return { answers, sizes, wrongSize, boxes: (await readScript(opened, 1))[0] }
  },

  async onChip() {
    const opened = open({ ...ECHO, outputs: [{ name: 'tiny/nms', nms: { classes: 2, maxPerClass: 4, onCpu: false } }] })
    const [output = 0n] = opened.outputs
    return [
      call('vstream_set_nms_score_threshold', output, 0.5),
      call('vstream_set_nms_iou_threshold', output, 0.5),
      call('vstream_set_nms_max_proposals_per_class', output, 1),
    ]
  },

  /** Three outputs, named in another order than that of their names. */
  async tensors() {
    const opened = open({ ...ECHO, outputs: [tensor('z', 'uint8'), ...ECHO.outputs, tensor('a', 'uint16')] }, { queueSize: 4 })
    await opened.write(frameSaying(9))
    const sizes = opened.outputs.map((output) => Number(given('get_output_vstream_frame_size', output)))
    const buffers = sizes.map((size) => Buffer.alloc(size))
    const statuses = await Promise.all(buffers.map((buffer, index) => opened.read(buffer, index)))
    const [a, nms, z] = buffers as [Buffer, Buffer, Buffer]
    return { statuses, sizes, a: [0, 1, 259].map((i) => a.readUInt16LE(2 * i)), nms: echoed(nms), z: [0, 1, 259].map((i) => z[i]) }
  },

  async timeouts() {
    const opened = open(ECHO, { timeoutMs: 100, queueSize: 3, batchSize: 1 })
    const beganMs = performance.now()
    const lent = opened.frame()
    const empty = await opened.read(lent)
    const waitedMs = performance.now() - beganMs
    // The buffer of the read that timed out gets the answer; the buffer of the next read none.
    await opened.write(frameSaying(77))
    const next = opened.frame().fill(0xaa)
    const after = [await opened.read(next), await opened.read(next)]
    opened.close()
    return { empty, waitedMs, late: echoed(lent), after, untouched: next.every((byte) => byte === 0xaa) }
  },

  /** Nobody reads: what fits is taken, then a write times out. */
  async full() {
    const opened = open(ECHO, { timeoutMs: 1_000, queueSize: 2 })
    const statuses: number[] = []
    while (statuses.at(-1) !== 4 && statuses.length < 50) statuses.push(await opened.write(frameSaying(1)))
    const size = await opened.write(Buffer.alloc(5))
    return { taken: statuses.length - 1, last: statuses.at(-1), size }
  },

  async shutdown() {
    const opened = open(named('slow', { fps: { '1': 0.01 } }), { timeoutMs: 30_000, queueSize: 1 })
    await opened.write(frameSaying(1))
    const reading = opened.read(opened.frame())
    // The chip has the first, the queue the second; the third waits.
    const second = await opened.write(frameSaying(2))
    const writing = opened.write(frameSaying(3))
    await new Promise((resolve) => setTimeout(resolve, 100))
    const beganMs = performance.now()
    const status = call('shutdown_network_group', opened.group)
    const blocked = await Promise.all([reading, writing])
    const tookMs = performance.now() - beganMs
    const later = [await opened.write(frameSaying(1)), await opened.read(opened.frame()), call('shutdown_network_group', opened.group)]
    opened.close()
    // The device is free again.
    const again = open(ECHO)
    return { second, status, blocked, later, tookMs, works: (await stream(again, 3)).seen }
  },

  /** The scheduler waits for its threshold, but not longer than its timeout. */
  async threshold() {
    const opened = open(ECHO, { timeoutMs: 1_500, queueSize: 4 })
    call('set_scheduler_threshold', opened.group, 2, null)
    await opened.write(frameSaying(5))
    call('set_scheduler_timeout', opened.group, 20, null)
    const buffer = opened.frame()
    const afterTimeout = await opened.read(buffer)
    call('set_scheduler_timeout', opened.group, 0, null)
    await opened.write(frameSaying(6))
    return [afterTimeout, echoed(buffer), await opened.read(buffer)]
  },
}

import { type SimulatedHef, type SimulatedNetwork, simulatedHefBytes } from 'hailort-node/simulated-hef'
import { call, callAside, count, counted, given, stringAt, succeed } from './calls.ts'

const PARAMS_BYTES = 156
const INFO_BYTES = 436

/** An 8L's network that answers at once with the place that the frame's middle tells. */
export const ECHO: SimulatedNetwork = {
  name: 'tiny',
  input: { name: 'tiny/input_layer1', width: 16, height: 16 },
  outputs: [{ name: 'tiny/nms', nms: { classes: 2, maxPerClass: 4, onCpu: true } }],
  fps: null,
  detector: { kind: 'echo' },
}

export const hefOf = (network: SimulatedNetwork, chip: SimulatedHef['chip'] = 'hailo8l'): Uint8Array =>
  simulatedHefBytes({ chip, sdkVersion: '3.31.0', network })

export interface VstreamSettings {
  readonly timeoutMs?: number
  readonly queueSize?: number
  readonly batchSize?: number
}

/** A configured network with its vstreams, through the C functions. */
export interface Opened {
  readonly vdevice: bigint
  readonly group: bigint
  readonly input: bigint
  readonly outputs: readonly bigint[]
  write(frame: Uint8Array): Promise<number>
  read(buffer: Uint8Array, output?: number): Promise<number>
  /** The buffer that the first output's frames need. */
  frame(): Buffer
  close(): void
}

export const openVdevice = (): bigint => given('create_vdevice', null)

export const createHef = (bytes: Uint8Array): bigint => {
  const out = Buffer.alloc(8)
  succeed('create_hef_buffer', out, bytes, bytes.length)
  return out.readBigUInt64LE()
}

/** Configures with a batch size; gives the status and the group. */
export function configure(vdevice: bigint, hef: bigint, batchSize = 1): { status: number; group: bigint } {
  const params = Buffer.alloc(128 * 1024)
  succeed('init_configure_params_by_vdevice', hef, vdevice, params)
  params.writeUInt16LE(batchSize, 136)
  const group = Buffer.alloc(8)
  const status = call('configure_vdevice', vdevice, hef, params, group, count(1))
  return { status, group: group.readBigUInt64LE() }
}

/** Parameters of one side with timeout and queue size set. */
export function vstreamParams(side: 'input' | 'output', group: bigint, { timeoutMs, queueSize }: VstreamSettings, type = 0): Buffer {
  const number = count(0)
  call(`make_${side}_vstream_params`, group, false, type, Buffer.alloc(8), number)
  const params = Buffer.alloc(PARAMS_BYTES * counted(number))
  succeed(`make_${side}_vstream_params`, group, false, type, params, number)
  for (let at = 0; at < params.length; at += PARAMS_BYTES) {
    if (timeoutMs !== undefined) params.writeUInt32LE(timeoutMs, at + 140)
    if (queueSize !== undefined) params.writeUInt32LE(queueSize, at + 144)
  }
  return params
}

/** Creates the vstreams of one side. */
export function createVstreams(side: 'input' | 'output', group: bigint, params: Buffer): bigint[] {
  const number = params.length / PARAMS_BYTES
  const out = Buffer.alloc(8 * number)
  succeed(`create_${side}_vstreams`, group, params, number, out)
  return Array.from({ length: number }, (_, index) => out.readBigUInt64LE(8 * index))
}

export function releaseVstreams(side: 'input' | 'output', vstreams: readonly bigint[]): number {
  const handles = Buffer.alloc(8 * vstreams.length)
  for (const [index, vstream] of vstreams.entries()) handles.writeBigUInt64LE(vstream, 8 * index)
  return call(`release_${side}_vstreams`, handles, vstreams.length)
}

/** Everything from the vdevice (a new one unless given) to the vstreams. */
export function open(network: SimulatedNetwork, settings: VstreamSettings = {}, vdevice = openVdevice()): Opened {
  const hef = createHef(hefOf(network))
  const { status, group } = configure(vdevice, hef, settings.batchSize)
  if (status !== 0) throw new Error(`configure gave ${status}`)
  succeed('release_hef', hef)
  const [input = 0n] = createVstreams('input', group, vstreamParams('input', group, settings))
  const outputs = createVstreams('output', group, vstreamParams('output', group, settings))
  return {
    vdevice,
    group,
    input,
    outputs,
    write: (frame) => callAside('vstream_write_raw_buffer', input, frame, frame.length),
    read: (buffer, output = 0) => callAside('vstream_read_raw_buffer', outputs[output] ?? 0n, buffer, buffer.length),
    frame: () => Buffer.alloc(Number(given('get_output_vstream_frame_size', outputs[0] ?? 0n))),
    close: () => {
      succeed('shutdown_network_group', group)
      releaseVstreams('input', [input])
      releaseVstreams('output', outputs)
      succeed('release_vdevice', vdevice)
    },
  }
}

/** A frame for `network` whose middle says `value`. */
export function frameSaying(value: number, network: SimulatedNetwork = ECHO): Buffer {
  return Buffer.alloc(network.input.width * network.input.height * 3, value)
}

/** The boxes of an NMS_BY_CLASS frame: [x1, y1, x2, y2, score, class]. */
export function unpack(frame: Buffer, classes = 2): number[][] {
  const boxes: number[][] = []
  let at = 0
  for (let classId = 0; classId < classes; classId++) {
    const number = frame.readFloatLE(at)
    at += 4
    for (let i = 0; i < number; i++, at += 20) {
      const [y1 = 0, x1 = 0, y2 = 0, x2 = 0, score = 0] = [0, 4, 8, 12, 16].map((offset) => frame.readFloatLE(at + offset))
      boxes.push([x1, y1, x2, y2, score, classId].map((value) => Math.round(value * 1e4) / 1e4))
    }
  }
  return boxes
}

/** What an echoing network saw: the value of the frame's middle. */
export const echoed = (frame: Buffer): number => Math.round(frame.readFloatLE(8) * 256)

/** Name and NMS or image shape of each vstream that the HEF tells. */
export function vstreamInfos(hef: bigint): { name: string; direction: number; order: number; shape: number[] }[] {
  const number = count(0)
  call('hef_get_all_vstream_infos', hef, null, Buffer.alloc(8), number)
  const infos = Buffer.alloc(INFO_BYTES * counted(number))
  succeed('hef_get_all_vstream_infos', hef, null, infos, number)
  return Array.from({ length: counted(number) }, (_, index) => {
    const at = INFO_BYTES * index
    return {
      name: stringAt(infos, at, 128),
      direction: infos.readUInt32LE(at + 388),
      order: infos.readUInt32LE(at + 396),
      shape: [404, 408, 412, 416].map((offset) => infos.readUInt32LE(at + offset)),
    }
  })
}

import { type ConfigureOptions, type InferredFrame, type Model, VDevice } from 'hailort-node/hailort'
import type { SimulatedNetwork, SimulatedOutput } from 'hailort-node/simulated-hef'
import * as assert from 'uvu/assert'
import type { SimulatedNpu } from '../support/simulated-npu.ts'

/** Side of the small networks' input, in pixels. */
export const SIDE = 64

export const NMS: SimulatedOutput = { name: 'net/nms', nms: { classes: 80, maxPerClass: 100, onCpu: true } }

/** A small network that takes no time, on a device of its own; both are closed with their scope. */
export async function openModel(
  npu: SimulatedNpu,
  network: Partial<SimulatedNetwork> = {},
  options: Partial<ConfigureOptions> = {},
): Promise<AsyncDisposable & { readonly model: Model; readonly vdevice: VDevice; readonly hef: string }> {
  const vdevice = await VDevice.open()
  try {
    const input = { name: 'net/input', width: SIDE, height: SIDE }
    const hef = await npu.hef('net', { input, outputs: [NMS], detector: { kind: 'echo' }, ...network })
    const model = await vdevice.configure(hef, { batchSize: 1, ...options })
    return { model, vdevice, hef, [Symbol.asyncDispose]: () => vdevice.close() }
  } catch (error) {
    await vdevice.close()
    throw error
  }
}

/** An input of one colour: the echo network answers red ÷ 256 and green ÷ 256 as x1 and y1. */
export function colour(red: number, green = 0): Uint8Array {
  const bytes = new Uint8Array(SIDE * SIDE * 3)
  for (let at = 0; at < bytes.length; at += 3) bytes.set([red, green, 0], at)
  return bytes
}

/** What the echo network saw in the middle. */
export function echoOf(answer: InferredFrame | null | undefined): readonly [red: number, green: number] {
  const [x1 = -1, y1 = -1] = answer?.detections ?? []
  return [Math.round(x1 * 256), Math.round(y1 * 256)]
}

/** The code with which it rejects; fails when it does not. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => null,
    (caught: unknown) => caught,
  )
  assert.instance(error, Error, 'it did not reject')
  return 'code' in (error as Error) ? String((error as Error & { code: unknown }).code) : (error as Error).name
}

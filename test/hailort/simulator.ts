import { rmSync } from 'node:fs'
import { SimulatedNpu, type SimulatorControl } from '../support/simulated-npu.ts'

/**
 * Simulated devices for this process, to be had before HailoRT is used: a process loads one library, and that reads once which devices
 * there are. `control` stays in force under every fault. The folder goes with the process.
 */
export async function simulatedHere(control: SimulatorControl = {}): Promise<SimulatedNpu> {
  const npu = await SimulatedNpu.make(control)
  Object.assign(process.env, npu.env)
  process.once('exit', () => rmSync(npu.dir, { recursive: true, force: true }))
  return npu
}

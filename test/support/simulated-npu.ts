import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { HefChip } from 'hailort-node/hef'
import { type ScriptedBox, type SimulatedNetwork, writeSimulatedHef } from 'hailort-node/simulated-hef'

/** What the control file of the simulator may say: native/simulator/README.md. */
export type SimulatorControl = Readonly<Record<string, unknown>>

/** Three people who stand still, in the middle of a letterboxed picture. */
export const STANDING: readonly ScriptedBox[] = [0.1, 0.4, 0.7].map((x) => [x, 0.35, x + 0.1, 0.6, 0.9, 0])

/** Simulated devices of one test, in a folder that nobody else uses. */
export class SimulatedNpu implements AsyncDisposable {
  readonly dir: string
  readonly #control: SimulatorControl

  private constructor(dir: string, control: SimulatorControl) {
    this.dir = dir
    this.#control = control
  }

  /** `control` stays in force under every fault. */
  static async make(control: SimulatorControl = {}): Promise<SimulatedNpu> {
    const npu = new SimulatedNpu(await mkdtemp(join(tmpdir(), 'headcount-npu-')), control)
    await npu.heal()
    return npu
  }

  get controlFile(): string {
    return join(this.dir, 'control.json')
  }

  /** For a process that shall use it. */
  get env(): NodeJS.ProcessEnv {
    return { HAILORT_LIB: SIMULATOR, HAILORT_SIM_CONTROL: this.controlFile }
  }

  /** A fault from now on: a moment that neither the file nor a reader sees half of. */
  async fault(fault: SimulatorControl): Promise<void> {
    const written = `${this.controlFile}.new`
    await writeFile(written, JSON.stringify({ ...this.#control, ...fault }))
    await rename(written, this.controlFile)
  }

  async heal(): Promise<void> {
    await this.fault({})
  }

  /** A model of its own. */
  async hef(name: string, { chip = 'hailo8l', ...network }: Partial<SimulatedNetwork> & { readonly chip?: HefChip } = {}): Promise<string> {
    const path = join(this.dir, `${name}.hef`)
    await writeSimulatedHef(path, { chip, sdkVersion: '3.29.0', network: { ...plainNetwork(name), ...network } })
    return path
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.dir, { recursive: true, force: true })
  }
}

/** The simulator as built; `npm run test:asan` has another one. */
const SIMULATOR = fileURLToPath(
  new URL(`../../../native/build/${process.env['HEADCOUNT_NATIVE_BUILD'] ?? 'Release'}/libhailort-sim.so`, import.meta.url),
)

function plainNetwork(name: string): SimulatedNetwork {
  return {
    name,
    input: { name: `${name}/input_layer1`, width: 640, height: 640 },
    outputs: [{ name: `${name}/yolov8_nms_postprocess`, nms: { classes: 80, maxPerClass: 100, onCpu: true } }],
    fps: null,
    detector: { kind: 'script', frames: [STANDING] },
  }
}

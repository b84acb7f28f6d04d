import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AgentError } from '../errors.ts'
import { installRoot } from '../install-root.ts'

const SIMULATOR = 'libhailort-sim.so'

/**
 * The environment of an engine that gets the simulated NPU. Another build of the simulator or a control file that somebody named is kept,
 * the library of a real NPU is not; otherwise the control file is one in `folder`, which nobody else uses: neither are the simulated devices.
 */
export function simulatedNpuEnv(env: NodeJS.ProcessEnv, folder: string): NodeJS.ProcessEnv {
  const named = env['HAILORT_LIB'] ?? ''
  const library = basename(named) === SIMULATOR ? named : fileURLToPath(new URL(`native/build/Release/${SIMULATOR}`, installRoot))
  if (!existsSync(library)) {
    throw new AgentError('BACKEND_UNAVAILABLE', `The simulated NPU ${library} is not there.`, { remedy: 'Run "./install.sh --prepare".' })
  }
  return { ...env, HAILORT_LIB: library, HAILORT_SIM_CONTROL: env['HAILORT_SIM_CONTROL'] || join(folder, 'npu.json') }
}

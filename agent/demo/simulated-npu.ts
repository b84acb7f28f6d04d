import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AgentError } from '../errors.ts'
import { installRoot } from '../install-root.ts'

/**
 * The environment of an engine that gets the simulated NPU. A library or control file that somebody named is kept; otherwise the control
 * file is one in `folder`, which nobody else uses: neither are the simulated devices.
 */
export function simulatedNpuEnv(env: NodeJS.ProcessEnv, folder: string): NodeJS.ProcessEnv {
  const library = env['HAILORT_LIB'] || fileURLToPath(new URL('native/build/Release/libhailort-sim.so', installRoot))
  if (!existsSync(library)) {
    throw new AgentError('BACKEND_UNAVAILABLE', `The simulated NPU ${library} is not there.`, { remedy: 'Run "./install.sh --prepare".' })
  }
  return { ...env, HAILORT_LIB: library, HAILORT_SIM_CONTROL: env['HAILORT_SIM_CONTROL'] || join(folder, 'npu.json') }
}

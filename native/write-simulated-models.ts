import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { writeSimulatedModels } from './simulated-models.ts'

// A step of `npm run build`: simulated HEFs beside the simulators that were built, Release always, Debug for `npm run test:asan`.
for (const name of ['Release', 'Debug']) {
  const folder = fileURLToPath(new URL(`../build/${name}`, import.meta.url))
  if (name === 'Release' || existsSync(folder)) await writeSimulatedModels(folder)
}

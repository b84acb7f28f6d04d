import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

/** The addons of `npm run test:asan` lie beside the others. */
const BUILD = process.env['HEADCOUNT_NATIVE_BUILD'] === 'Debug' ? 'Debug' : 'Release'

/** Loads one built addon. The faces beside this file are the only ones that know there is C++. */
export function loadAddon(name: 'ring' | 'ringsink' | 'pixels' | 'vision' | 'hailort'): unknown {
  const path = fileURLToPath(new URL(`../build/${BUILD}/${name}.node`, import.meta.url))
  if (!existsSync(path)) throw new Error(`The native addon ${path} is not built. Run "./install.sh --prepare".`)
  return createRequire(import.meta.url)(path)
}

import { execFile } from 'node:child_process'
import { chmod } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { skip } from '../support/skip.ts'
import { Tree } from '../support/tree.ts'

const child = fileURLToPath(new URL('./rights-child.js', import.meta.url))
const NOBODY = 65_534

const test = suite('doctor: rights')

test('a device node is for those who may both read and write it', async () => {
  await using tree = await Tree.make({ both: '', readable: '', none: '' })
  await chmod(tree.path, 0o755)
  for (const [name, mode] of Object.entries({ both: 0o666, readable: 0o444, none: 0 })) await chmod(tree.at(name), mode)
  const paths = ['both', 'readable', 'none', 'missing'].map((name) => tree.at(name))
  // root may do everything.
  const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}
  const told = await promisify(execFile)(process.execPath, [child, ...paths], { ...user, cwd: tree.path }).catch((error: unknown) => {
    if (error instanceof Error && /EACCES|MODULE_NOT_FOUND/.test(error.message)) return null
    throw error
  })
  if (told === null) return skip('nobody may not read this checkout')
  assert.equal(JSON.parse(told.stdout), [true, false, false, false])
})

test.run()

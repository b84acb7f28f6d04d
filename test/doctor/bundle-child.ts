import { randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { writeBundle } from '../../agent/doctor/bundle.ts'

// bundle-child.js FILE: writes more than there is room for, and says how that went and what is left.

const file = process.argv[2] ?? ''
const error: unknown = await writeBundle(file, new Map([['large', randomBytes(500_000).toString('hex')]])).catch(
  (reason: unknown) => reason,
)
const { code, cause } = error as { code?: string; cause?: { code?: string } }
process.stdout.write(JSON.stringify({ code, cause: cause?.code, left: await readdir(dirname(file)) }))

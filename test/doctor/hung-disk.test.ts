import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Finding } from '../../agent/doctor/finding.ts'

const main = fileURLToPath(new URL('../../agent/main.js', import.meta.url))

const test = suite('headcount doctor on a machine whose disk hangs')

test('says which check gave no answer, and ends with its exit code', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'headcount-hung-'))
  await mkdir(join(folder, 'history'))
  // Opening a pipe that nobody writes waits as a dead disk does.
  await promisify(execFile)('mkfifo', [join(folder, 'history/history.sqlite')])
  const child = spawn(process.execPath, [main, 'doctor', '--json'], {
    env: { PATH: process.env['PATH'], HOME: folder, HEADCOUNT_STATE_DIR: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 80_000,
    killSignal: 'SIGKILL',
  })
  const [out, [code, signal]] = await Promise.all([text(child.stdout), once(child, 'close') as Promise<[number | null, string | null]>])
  await rm(folder, { recursive: true })
  const { ok, findings } = JSON.parse(out) as { ok: boolean; findings: Finding[] }
  assert.match(findings.find(({ check }) => check === 'history')?.what ?? '', 'gave no answer')
  assert.equal([code, signal], [ok ? 0 : 1, null])
})

test.run()

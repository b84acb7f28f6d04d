import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

interface Layout {
  readonly size: number
  readonly align: number
  readonly fields: Readonly<Record<string, number>>
}

const root = new URL('../../../', import.meta.url)

/** HailoRT 4.21 to 4.23 as measured: sizes and offsets in bytes, by HailoRT's names. */
const MEASURED = JSON.parse(readFileSync(new URL('test/hailort/abi.json', root), 'utf8')) as Record<string, Layout>

function printed(command: string, args: readonly string[]): Record<string, Layout> {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: fileURLToPath(root), encoding: 'utf8', timeout: 30_000 })
  assert.is(status, 0, stderr)
  return JSON.parse(stdout) as Record<string, Layout>
}

const test = suite('layout of HailoRT')

test('every structure is compiled with the size, the alignment and the offsets that were measured', () => {
  const compiled = printed('native/build/Release/hailort_abi', ['align'])
  assert.equal(Object.keys(compiled).sort(), Object.keys(MEASURED).sort())
  for (const [name, layout] of Object.entries(MEASURED)) assert.equal(compiled[name], layout, name)
})

test('npm run abi prints sizes and offsets as JSON', () => {
  const said = printed('npm', ['run', '-s', 'abi'])
  for (const [name, { size, fields }] of Object.entries(MEASURED)) assert.equal(said[name], { size, fields }, name)
})

test('the measured table is whole', () => {
  assert.is(Object.keys(MEASURED).length, 18)
  assert.is(Object.values(MEASURED).flatMap(({ fields }) => Object.keys(fields)).length, 77)
})

test.run()

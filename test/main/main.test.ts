import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

interface Ended {
  readonly code: number
  readonly out: string
  readonly err: string
}

const main = fileURLToPath(new URL('../../agent/main.js', import.meta.url))

/** Runs `headcount` as a person would. */
function headcount(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { env: { PATH: process.env['PATH'], HOME: '/nowhere', ...env }, timeout: 30_000 }
    const child = execFile(process.execPath, [main, ...args], options, (_error, out, err) =>
      resolve({ code: child.exitCode ?? -1, out, err }),
    )
  })
}

/** Runs `headcount … --config FILE` with this text in the file. */
async function withConfig(args: readonly string[], text: string, env: Record<string, string> = {}): Promise<Ended> {
  const folder = await mkdtemp(join(tmpdir(), 'headcount-main-'))
  try {
    await writeFile(join(folder, 'config.yaml'), text)
    return await headcount([...args, '--config', join(folder, 'config.yaml')], { HEADCOUNT_STATE_DIR: folder, ...env })
  } finally {
    await rm(folder, { recursive: true })
  }
}

const test = suite('command line')

test('says its version', async () => {
  const { code, out } = await headcount(['--version'])
  assert.is(code, 0)
  assert.match(out, /^\d+\.\d+\.\d+\n$/)
})

test('explains itself and every command', async () => {
  const { code, out, err } = await headcount(['--help'])
  assert.is(code, 0)
  assert.is(err, '')
  for (const command of ['run', 'demo', 'doctor', 'eval', 'bench', 'config']) {
    assert.match(out, `headcount ${command}`)
    const help = await headcount([command, '--help'])
    assert.is(help.code, 0)
    assert.match(help.out, `Usage: headcount ${command}`)
  }
})

test('answers wrong usage with 2, on stderr alone', async () => {
  const wrong = [
    [],
    ['frob'],
    ['run', '--cofnig', 'x'],
    ['run', 'extra'],
    ['config'],
    ['config', 'frob'],
    ['run', '--config'],
    ['demo', '--npu', 'real'],
  ]
  for (const args of wrong) {
    const { code, out, err } = await headcount(args)
    assert.is(code, 2, args.join(' '))
    assert.is(out, '')
    assert.ok(err.length > 0)
    assert.not.match(err, 'at file:')
  }
})

test('answers a wrong configuration with 78 and all its faults', async () => {
  for (const args of [['run'], ['config', 'check'], ['config', 'print']]) {
    const { code, out, err } = await withConfig(args, 'nod: x\nhttp: { port: -1 }')
    assert.is(code, 78, args.join(' '))
    assert.is(out, '')
    assert.match(err, '2 faults')
    assert.match(err, '[CONFIG_INVALID]')
  }
  const missing = await headcount(['run', '--config', '/nowhere.yaml'])
  assert.is(missing.code, 78)
  assert.match(missing.err, '[CONFIG_UNREADABLE]')
  const named = await headcount(['run'], { HEADCOUNT_CONFIG: '/nowhere/else.yaml' })
  assert.is(named.code, 78)
  assert.match(named.err, '/nowhere/else.yaml')
})

test('says that a configuration is valid', async () => {
  const { code, out } = await withConfig(['config', 'check'], 'node: door\nstreams: [{ id: a, source: test }]')
  assert.is(code, 0)
  assert.match(out, /is valid: node door, 1 stream\.\n$/)
})

test('prints effective values with their origin, without secrets', async () => {
  const text = 'streams: [{ id: a, source: "rtsp://me:geheim@cam/1" }]'
  const { code, out, err } = await withConfig(['config', 'print'], text, { HEADCOUNT_HTTP_PORT: '9000' })
  assert.is(code, 0)
  assert.is(err, '')
  assert.match(out, 'port: 9000 # environment')
  assert.match(out, 'id: a # file')
  assert.not.match(out, 'geheim')
})

test('prints a JSON Schema that is JSON', async () => {
  const { code, out } = await headcount(['config', 'schema'])
  assert.is(code, 0)
  const schema = JSON.parse(out) as { properties: Record<string, unknown>; additionalProperties: boolean }
  assert.ok('streams' in schema.properties)
  assert.is(schema.additionalProperties, false)
})

test('warns on stderr about a variable that means nothing', async () => {
  const { code, err } = await withConfig(['config', 'check'], '', { HEADCOUNT_HTTP_PROT: '1' })
  assert.is(code, 0)
  assert.match(err, 'did you mean HEADCOUNT_HTTP_PORT')
})

test.run()

import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { simulatedModels } from 'hailort-node/simulated-models'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Finding } from '../../agent/doctor/finding.ts'
import { reportText } from '../../agent/doctor/report.ts'
import { SimulatedNpu } from '../support/simulated-npu.ts'
import { Tree } from '../support/tree.ts'

const main = fileURLToPath(new URL('../../agent/main.js', import.meta.url))
const holder = fileURLToPath(new URL('./npu-holder-child.js', import.meta.url))

interface Told {
  readonly code: number
  readonly out: string
  readonly err: string
}

async function doctor(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Told> {
  await using home = await Tree.make()
  return await new Promise((resolve) => {
    const options = { env: { PATH: process.env['PATH'], HOME: home.path, ...env }, timeout: 60_000 }
    const child = execFile(process.execPath, [main, 'doctor', ...args], options, (_error, out, err) =>
      resolve({ code: child.exitCode ?? -1, out, err }),
    )
  })
}

/** What `doctor --json` says of the configuration and the NPU; the other findings are this machine's own. */
async function findings(env: NodeJS.ProcessEnv): Promise<{ code: number; ok: boolean; findings: readonly Finding[] }> {
  const { code, out, err } = await doctor(['--json'], env)
  assert.is(err, '')
  const told = JSON.parse(out) as { ok: boolean; findings: Finding[] }
  assert.is(code, told.ok ? 0 : 1)
  assert.is(told.ok, !told.findings.some(({ severity }) => severity === 'failed'))
  return {
    code,
    ok: told.ok,
    findings: told.findings.filter(
      ({ check, severity }) => check.startsWith('npu') || (check === 'configuration' && severity === 'failed'),
    ),
  }
}

const brief = ({ check, severity }: Finding) => `${check} ${severity}`

/** Runs with a process of this title that has the NPU. */
async function whileHeld<T>(npu: SimulatedNpu, title: string, act: () => Promise<T>): Promise<T> {
  const child = spawn(process.execPath, [holder, String(process.pid), title], {
    env: { ...process.env, ...npu.env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    await once(child.stdout, 'data')
    return await act()
  } finally {
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }
}

const test = suite('headcount doctor')

test('fails with the remedy when the library that was named is not there', async () => {
  const { code, out, err } = await doctor([], { HAILORT_LIB: '/nowhere/lib.so' })
  assert.is(code, 1)
  assert.is(err, '')
  assert.match(out, /^FAILED {3}npu-library /m)
  assert.match(out, '→ ')
  assert.match(out, /\d+ failed/)
})

test('--json has check, severity, what, why and remedy of each finding', async () => {
  const told = await findings({ HAILORT_LIB: '/nowhere/lib.so' })
  assert.is(told.code, 1)
  const finding = told.findings.find(({ check }) => check === 'npu-library')
  assert.equal(Object.keys(finding ?? {}), ['check', 'severity', 'what', 'why', 'remedy'])
})

test('finds a simulated NPU well, and says that it is simulated', async () => {
  await using npu = await SimulatedNpu.make()
  const told = await findings(npu.env)
  assert.equal(told.findings.map(brief), ['npu-library note', 'npu-chip ok', 'npu-model ok'])
  assert.match(told.findings[0]?.what ?? '', 'simulated')
  assert.match(told.findings[1]?.what ?? '', 'Hailo-8L 0000:01:00.0 answers, firmware 4.23.0 (simulated).')
  assert.match(told.findings[2]?.what ?? '', [...simulatedModels.keys()].find((name) => name === 'yolov8s_h8l.hef') ?? 'none')
})

test('fails when versions differ, the device has gone, or the library is one for other chips', async () => {
  const faults = [
    { fault: 'version-mismatch', told: ['npu-library note', 'npu-chip failed'], words: 'HAILO_INVALID_DRIVER_VERSION' },
    { devices: [], told: ['npu-library note', 'npu-chip failed'], words: 'no Hailo device' },
    { version: '5.2.0', told: ['npu-library failed'], words: '5.2.0' },
  ]
  for (const { told, words, ...control } of faults) {
    await using npu = await SimulatedNpu.make()
    await npu.fault(control)
    const { findings: found } = await findings(npu.env)
    const npuOnly = found.filter(({ check }) => ['npu-library', 'npu-chip', 'npu-model'].includes(check))
    assert.equal(npuOnly.map(brief), told)
    assert.match(npuOnly.at(-1)?.what ?? '', words)
  }
})

test('an NPU that another program has is a failure, one that headcount has is not', async () => {
  await using npu = await SimulatedNpu.make()
  const other = await whileHeld(npu, 'somebody else', () => findings(npu.env))
  assert.equal(other.findings.map(brief), ['npu-library note', 'npu-chip failed'])
  const own = await whileHeld(npu, 'headcount: engine hailo', () => findings(npu.env))
  assert.equal(own.findings.map(brief), ['npu-library note', 'npu-chip ok'])
  assert.match(own.findings[1]?.what ?? '', 'headcount uses it')
})

test('a model of the configuration for another chip fails', async () => {
  await using npu = await SimulatedNpu.make()
  const model = await npu.hef('own', { chip: 'hailo8' })
  const told = await findings({ ...npu.env, HEADCOUNT_DETECTOR_MODEL: model })
  assert.equal(told.findings.map(brief), ['npu-library note', 'npu-chip ok', 'npu-model failed'])
  assert.match(told.findings[2]?.what ?? '', `${model} was compiled for the Hailo-8, this chip is a Hailo-8L.`)
})

test('a wrong configuration is a finding, and the other checks go on', async () => {
  await using tree = await Tree.make({ 'config.yaml': 'nod: x\nhttp: { port: -1 }\n' })
  const env = { HEADCOUNT_CONFIG: tree.at('config.yaml'), HAILORT_LIB: '/nowhere/lib.so' }
  const told = await findings(env)
  assert.equal(told.findings.slice(0, 1).map(brief), ['configuration failed'])
  assert.match(told.findings[0]?.what ?? '', '2 faults')
  assert.ok(told.findings.some(({ check }) => check === 'npu-library'))
})

test('takes no words and no option that it does not know', async () => {
  for (const args of [['now'], ['--bundle'], ['--jason']]) assert.is((await doctor(args, {})).code, 2, args.join(' '))
})

test('the list is aligned, breaks between words, and ends with the sum', () => {
  const text = reportText([
    { check: 'power', severity: 'ok', what: 'All is well.', why: null, remedy: null },
    { check: 'npu-driver', severity: 'failed', what: 'word '.repeat(40).trim(), why: 'Because.', remedy: 'Mend it.' },
    { check: 'npu-pcie', severity: 'warning', what: `/${'long'.repeat(40)}`, why: null, remedy: null },
    { check: 'home-assistant', severity: 'note', what: 'Nobody listens.', why: null, remedy: null },
  ])
  const lines = text.split('\n')
  assert.is(lines[0], 'ok       power           All is well.')
  assert.match(text, /^FAILED {3}npu-driver {6}word word/m)
  assert.ok(lines.includes('note     home-assistant  Nobody listens.'))
  assert.ok(lines.includes(`${' '.repeat(25)}→ Mend it.`))
  assert.match(text, `/${'long'.repeat(40)}\n`)
  assert.ok(lines.filter((line) => !line.includes('long')).every((line) => line.length <= 100))
  assert.is(lines.at(-2), '1 failed, 1 warning.')
  assert.match(reportText([]), 'Nothing is wrong.')
})

test.run()

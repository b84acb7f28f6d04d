import { readFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import type { BenchRow } from './row.ts'

/** Each bench is loaded only when it is asked for: they need different packages. */
const benches: Record<string, () => Promise<() => Promise<BenchRow[]>>> = {
  ring: async () => (await import('./ring.ts')).benchRing,
  capture: async () => (await import('./capture.ts')).benchCapture,
  accuracy: async () => (await import('./accuracy.ts')).benchAccuracy,
  viewers: async () => (await import('./viewers.ts')).benchViewers,
  recovery: async () => (await import('./recovery.ts')).benchRecovery,
  soak: async () => (await import('./soak.ts')).benchSoak,
  'fuzz-http': async () => (await import('./fuzz-http.ts')).benchFuzzHttp,
  'fuzz-mqtt': async () => (await import('./fuzz-mqtt.ts')).benchFuzzMqtt,
  idle: async () => (await import('./idle.ts')).benchIdle,
  npu: async () => (await import('./npu.ts')).benchNpu,
  'npu-chaos': async () => (await import('./npu-chaos.ts')).benchNpuChaos,
  counting: async () => (await import('./counting.ts')).benchCounting,
  crossings: async () => (await import('./crossings.ts')).benchCrossings,
}

const HELP = `npm run bench -- NAME… [--json]

Names: ${Object.keys(benches).join(', ')}; "all" runs them one after the other.
Each figure stands beside its limit and, where there is one, beside its peer, measured in the same run.
`

function machine(): string {
  const [cpu] = cpus()
  const debian = readFileSync('/etc/os-release', 'utf8').match(/^PRETTY_NAME="(.*)"/m)?.[1] ?? process.platform
  return `${cpus().length} × ${cpu?.model ?? process.arch}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${debian}, Node ${process.version}`
}

function table(rows: readonly BenchRow[]): string {
  const number = (value: number | undefined) => (value === undefined ? '' : String(Number(value.toPrecision(4))))
  const cells = rows.map((row) => [
    row.metric,
    number(row.value),
    row.unit,
    row.goal === undefined ? '' : `${row.goal.replace(' limit', '')} ${number(row.limit)}`,
    number(row.peer),
    row.ok === undefined ? '' : row.ok ? 'ok' : 'MISSED',
  ])
  const lines = [['metric', 'value', 'unit', 'goal', 'peer', ''], ...cells]
  const widths = [0, 1, 2, 3, 4, 5].map((column) => Math.max(...lines.map((line) => (line[column] ?? '').length)))
  return lines.map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')).join('\n')
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
})
const names = positionals.includes('all') ? Object.keys(benches) : positionals
const unknown = names.filter((name) => !(name in benches))
if (values.help || names.length === 0 || unknown.length > 0) {
  process.stderr.write(unknown.length > 0 ? `There is no bench "${unknown.join('", "')}".\n\n${HELP}` : HELP)
  process.exitCode = unknown.length > 0 ? 2 : 0
} else {
  process.env['HEADCOUNT_TEST'] = '1'
  for (const name of names) {
    const run = await benches[name]?.()
    const rows = (await run?.()) ?? []
    const text = values.json ? JSON.stringify({ bench: name, machine: machine(), rows }) : `${name} (${machine()})\n\n${table(rows)}\n`
    process.stdout.write(`${text}\n`)
    if (rows.some((row) => row.ok === false)) process.exitCode = 1
  }
}

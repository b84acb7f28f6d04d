import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installRoot } from '../../agent/install-root.ts'
import { findBuiltTests } from './built-tests.ts'
import { type FileResult, runTestFile } from './test-file.ts'

// `npm test [-- PART_OF_A_PATH ...]`: runs each test file as a process of its own, three at a time; ends with `N passed, N failed, N skipped`.

/** Only ends a file that hangs: the longest take half a minute, and on a slow machine several times that. */
const FILE_LIMIT_MS = 300_000
/** The suite is made for two cores, and most files wait more than they work: with two at a time a core is idle half of the time. */
const AT_A_TIME = 3

const root = fileURLToPath(installRoot)
const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort(signal))

const tell = (line: string) => process.stdout.write(`${line}\n`)
const indented = (text: string) => text.trimEnd().replace(/^/gm, '    ')

function report(name: string, { passed, failed, skipped, skips, seconds, fault, output }: FileResult): void {
  const sums = [`${passed} passed`, ...(failed > 0 ? [`${failed} failed`] : []), ...(skipped > 0 ? [`${skipped} skipped`] : [])]
  tell(`${failed > 0 ? 'FAIL' : 'ok  '}  ${name}  ${sums.join(', ')}  ${seconds.toFixed(1)} s${fault === null ? '' : `  (${fault})`}`)
  if (failed > 0) tell(indented(output))
  for (const reason of new Set(skips)) tell(`      skipped: ${reason}`)
}

const found = await findBuiltTests(join(root, 'test'), join(root, 'dist/test'))
const filters = process.argv.slice(2)
const isChosen = (name: string) => filters.length === 0 || filters.some((filter) => name.includes(filter))
const chosen = found.names.filter(isChosen)
const faults = found.faults.filter(isChosen)
for (const fault of faults) tell(`FAIL  ${fault}`)
if (chosen.length === 0) tell(`FAIL  no test file ${filters.length > 0 ? `has ${filters.join(' or ')} in its path` : 'was found'}`)

const startedMs = performance.now()
const sums = { passed: 0, failed: faults.length + (chosen.length === 0 ? 1 : 0), skipped: 0 }
const waiting = [...chosen]
const lane = async () => {
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    const result = await runTestFile(join(root, 'dist/test', `${name}.test.js`), { limitMs: FILE_LIMIT_MS, signal: stop.signal })
    if (stop.signal.aborted) return
    report(name, result)
    sums.passed += result.passed
    sums.failed += result.failed
    sums.skipped += result.skipped
  }
}
await Promise.all(Array.from({ length: AT_A_TIME }, lane))

if (stop.signal.aborted) tell('Interrupted.')
tell(`${((performance.now() - startedMs) / 1_000).toFixed(0)} s`)
tell(`${sums.passed} passed, ${sums.failed} failed, ${sums.skipped} skipped`)
process.exitCode = stop.signal.aborted ? 130 : sums.failed > 0 ? 1 : 0

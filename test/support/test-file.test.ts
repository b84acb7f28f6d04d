import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { findBuiltTests } from './built-tests.ts'
import { eventually } from './eventually.ts'
import { lives } from './process-tree.ts'
import { type FileResult, runTestFile, uvuTotals } from './test-file.ts'

const test = suite('test runner')

/** What uvu prints after three tests of which one failed and one was skipped. */
const SUMS = '\n  Total:     2\n  Passed:    1\n  Skipped:   1\n  Duration:  1.76ms\n\n'

async function folder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'headcount-runner-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}

/** Runs a test file of this text. */
async function run(text: string, limitMs = 60_000): Promise<FileResult> {
  await using dir = await folder()
  const path = join(dir.path, 'a.test.mjs')
  await writeFile(path, text)
  return await runTestFile(path, { limitMs, graceMs: 200, signal: new AbortController().signal })
}

async function write(root: string, files: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true })
    await writeFile(join(root, name), text)
  }
}

test("reads uvu's sums", () => {
  assert.equal(uvuTotals(SUMS), { total: 2, passed: 1, skipped: 1 })
  assert.is(uvuTotals('Total: soon'), null)
})

test('sums up a file that ended well', async () => {
  const result = await run(`console.log(${JSON.stringify(SUMS.replace('Passed:    1', 'Passed:    2'))})`)
  assert.equal([result.passed, result.failed, result.skipped, result.fault], [2, 0, 1, null])
})

test('a test that says it does nothing here is skipped, not passed', async () => {
  const sums = SUMS.replace('Passed:    1', 'Passed:    2')
  const result = await run(`process.stdout.write('• ')
    process.stdout.write('\\n  skipped: no clip\\n')
    console.log(${JSON.stringify(sums)})`)
  assert.equal([result.passed, result.failed, result.skipped, result.skips], [1, 0, 2, ['no clip']])
})

test('counts a failed assertion once', async () => {
  const result = await run(`console.log(${JSON.stringify(SUMS)}); process.exitCode = 1`)
  assert.equal([result.passed, result.failed, result.fault], [1, 1, null])
})

test('fails a file that crashes before its sums, and keeps what it said', async () => {
  const result = await run(`throw new Error('at once')`)
  assert.is(result.failed, 1)
  assert.match(result.fault ?? '', 'exit code 1')
  assert.match(result.output, 'at once')
})

test('fails a file that runs no test', async () => {
  const result = await run(`console.log('  Total:     0\\n  Passed:    0\\n  Skipped:   0')`)
  assert.equal([result.failed, result.fault], [1, 'ran no test'])
})

test('kills a file that hangs, with what it started', async () => {
  const child = `import { spawn } from 'node:child_process'
    console.log('pid ' + spawn('sleep', ['600'], { stdio: 'inherit' }).pid)
    setInterval(() => 0, 1000)`
  const result = await run(child, 3_000)
  assert.match(result.fault ?? '', 'not done after 3 s')
  const pid = Number(/pid (\d+)/.exec(result.output)?.[1])
  assert.ok(pid > 0, result.output)
  // Its pipe is closed a moment before it is gone.
  await eventually(() => !lives(pid), { what: 'what it started is gone' })
})

test('names processes that a file leaves behind', async () => {
  const passes = JSON.stringify(SUMS.replace('Passed:    1', 'Passed:    2'))
  const result = await run(`import { spawn } from 'node:child_process'
    spawn('sleep', ['600'], { stdio: 'ignore' }).unref()
    console.log(${passes})`)
  assert.match(result.fault ?? '', /left processes behind: \d+ sleep/)
  assert.is(result.failed, 1)
})

test('removes built tests without a source and names sources that would run nothing', async () => {
  await using dir = await folder()
  const [sources, built] = [join(dir.path, 'test'), join(dir.path, 'dist/test')]
  await write(sources, { 'a/kept.test.ts': 'test.run()', 'a/silent.test.ts': 'no run', 'new.test.ts': 'test.run()' })
  await write(built, { 'a/kept.test.js': '', 'a/silent.test.js': '', 'a/gone.test.js': '', 'a/gone.test.d.ts': '', 'a/helper.js': '' })
  const { names, faults } = await findBuiltTests(sources, built)
  assert.equal(names, ['a/kept', 'a/silent'])
  assert.equal(faults, ['a/silent.test.ts never calls .run()', 'new.test.ts is not compiled'])
  assert.equal((await readdir(join(built, 'a'))).sort(), ['helper.js', 'kept.test.js', 'silent.test.js'])
})

test.run()

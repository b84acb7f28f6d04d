import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { installRoot } from '../../agent/install-root.ts'

const test = suite('no shell')

/** Ways to hand text to a shell: `exec` and `execSync` of node:child_process, under whatever name, and the option `shell`. */
const SHELL =
  /\bshell\s*:|\bexecSync\b|(?<![.\w])exec\s*\(|\bexec\b[^'"\n]*\}\s*from\s*'node:child_process'|\bchild_process\.exec\b|\bpromisify\(exec\)/

for (const text of [
  'spawn(name, [], { shell: true })',
  "import { exec } from 'node:child_process'",
  "import { exec as run } from 'node:child_process'",
  "execSync('ls')",
  'await promisify(exec)(line)',
]) {
  test(`is noticed: ${text}`, () => assert.match(text, SHELL))
}

for (const text of ["import { execFile } from 'node:child_process'", 'PATTERN.exec(text)', "database.exec('PRAGMA x')"]) {
  test(`is none: ${text}`, () => assert.not.match(text, SHELL))
}

test('nothing of the agent starts one', async () => {
  const folders = ['agent/', 'native/'].map((folder) => fileURLToPath(new URL(folder, installRoot)))
  let files = 0
  for (const folder of folders) {
    const names = await readdir(folder, { recursive: true })
    for (const name of names.filter((each) => /^(?!.*node_modules|dist\/|build\/).*\.(ts|js)$/.test(each))) {
      files++
      assert.not.match(await readFile(`${folder}${name}`, 'utf8'), SHELL, name)
    }
  }
  assert.ok(files > 150, `${files} files`)
})

test.run()

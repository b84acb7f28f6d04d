import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { AgentError } from '../../agent/errors.ts'
import { openToken } from '../../agent/http/token.ts'

const test = suite('token')

async function folder(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'headcount-token-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}

test('is made once, of 256 bits, closed to others', async () => {
  await using home = await folder()
  const path = join(home.path, 'state', 'token')
  const token = await openToken(path)
  assert.is(Buffer.from(token, 'base64url').length, 32)
  // A umask may make it stricter.
  assert.equal([(await stat(path)).mode & 0o137, (await stat(path)).mode & 0o600], [0, 0o600])
  assert.is(await openToken(path), token)
})

test('is closed when others could read or write it, and stays as strict as it was', async () => {
  await using home = await folder()
  const path = join(home.path, 'token')
  const token = await openToken(path)
  for (const [before, after] of [
    [0o644, 0o640],
    [0o666, 0o640],
    [0o660, 0o640],
    [0o777, 0o640],
    [0o640, 0o640],
    [0o600, 0o600],
    [0o400, 0o400],
    [0o440, 0o440],
  ] as const) {
    await chmod(path, before)
    assert.is(await openToken(path), token)
    assert.is((await stat(path)).mode & 0o777, after, before.toString(8))
  }
})

test('is one for two that start together, and leaves no draft behind', async () => {
  await using home = await folder()
  const path = join(home.path, 'token')
  const tokens = await Promise.all(Array.from({ length: 8 }, () => openToken(path)))
  assert.is(new Set(tokens).size, 1)
  assert.is((await readFile(path, 'utf8')).trim(), tokens[0])
  assert.equal(await readdir(home.path), ['token'])
})

test('may be the user’s own, if it is long enough', async () => {
  await using home = await folder()
  const path = join(home.path, 'token')
  await writeFile(path, 'my-own-long-token-2026\n')
  assert.is(await openToken(path), 'my-own-long-token-2026')
  for (const text of ['', 'short', 'a token with blanks in it']) {
    await writeFile(path, text)
    const error = await openToken(path).catch((failure: unknown) => failure)
    assert.instance(error, AgentError)
    assert.is((error as AgentError).code, 'CONFIG_INVALID')
  }
})

test('says what to do when the file can be neither read nor made', async () => {
  await using home = await folder()
  const codeOf = (path: string) =>
    openToken(path).then(
      () => null,
      (failure: unknown) => (failure instanceof AgentError && failure.remedy.includes('http.tokenFile') ? failure.code : failure),
    )
  await writeFile(join(home.path, 'file'), '')
  assert.is(await codeOf(join(home.path, 'file', 'token')), 'CONFIG_UNREADABLE')
  await symlink(join(home.path, 'nowhere', 'token'), join(home.path, 'link'))
  assert.is(await codeOf(join(home.path, 'link')), 'STATE_UNWRITABLE')
})

test.run()

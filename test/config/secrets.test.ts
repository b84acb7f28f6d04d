import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { maskSecrets, readSecret } from '../../agent/config/secrets.ts'
import { AgentError } from '../../agent/errors.ts'
import { openLog } from '../../agent/log.ts'

const test = suite('secrets')

const masked: readonly (readonly [string, string])[] = [
  ['rtsp://me:geheim@cam/1', 'rtsp://me:***@cam/1'],
  ['open rtsp://me:a@b:c/d@cam:554/1 failed', 'open rtsp://me:***@cam:554/1 failed'],
  ['rtsp://:geheim@cam', 'rtsp://:***@cam'],
  ['rtsp://me@cam/1', 'rtsp://me@cam/1'],
  ['http://pi:8080/?token=abc123&x=1', 'http://pi:8080/?token=***&x=1'],
  ['/stream?key=abc fps=3', '/stream?key=*** fps=3'],
  ['Authorization: Bearer abc.def', 'Authorization: Bearer ***'],
  ['Authorization: Digest username="me", response="abc"', 'Authorization: Digest ***'],
  ['Authorization: abc', 'Authorization: ***'],
  ['Cookie: session=abc; other=def', 'Cookie: ***'],
  ['{"password": "a b", "passwordFile": "/etc/p"}', '{"password": "***", "passwordFile": "/etc/p"}'],
  ['"{\\"token\\":\\"abc\\"}"', '"{\\"token\\":\\"***\\"}"'],
  ['user-pw=abc mqtt_password="a b" x=1', 'user-pw=*** mqtt_password=*** x=1'],
  ['user-pw=(string)"a b", x=(int)1', 'user-pw=(string)***, x=(int)1'],
  ['-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\nmore', '***\nmore'],
  ['mqtt://localhost:1883 and me@example.org', 'mqtt://localhost:1883 and me@example.org'],
]

for (const [text, wanted] of masked) {
  test(`are masked in ${text}`, () => {
    assert.is(maskSecrets(text), wanted)
  })
}

test('are looked for in time that grows with the text, whoever wrote it', () => {
  // Where each start is tried against all of the rest, one of these takes hours.
  for (const hostile of [
    'a',
    'a://:',
    'a://b:c',
    '"password"',
    'password":"',
    'token=',
    '-----BEGIN A ',
    'cookie',
    'Digest ',
    'authorization ',
  ])
    assert.type(maskSecrets(`@${hostile.repeat(2_000_000 / hostile.length)}`), 'string')
})

test('are masked in the log, and no text can make a second line of one', () => {
  const lines: string[] = []
  const log = openLog({ level: 'info', write: (line) => lines.push(line), journal: true })
  log.info('Capture\nof \u001b[31mdoor', { source: 'rtsp://me:geheim@cam/1', tries: 3, why: 'no route' })
  log.debug('not shown')
  assert.equal(lines, ['<6>INFO  Capture\\nof ?[31mdoor source=rtsp://me:***@cam/1 tries=3 why="no route"\n'])
})

test('are read without the line break at the end', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'headcount-secret-'))
  try {
    await writeFile(join(folder, 'good'), ' ge heim \n')
    await writeFile(join(folder, 'empty'), '\n')
    await writeFile(join(folder, 'two'), 'a\nb\n')
    assert.is(await readSecret(join(folder, 'good')), ' ge heim ')
    for (const bad of ['empty', 'two', 'missing']) {
      const error = await readSecret(join(folder, bad)).catch((reason: unknown) => reason)
      assert.instance(error, AgentError)
      assert.is((error as AgentError).code, 'CONFIG_UNREADABLE')
    }
  } finally {
    await rm(folder, { recursive: true })
  }
})

test.run()

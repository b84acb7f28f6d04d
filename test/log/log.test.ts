import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fstatSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { goesToJournal, lastWords, openLog, openPrint } from '../../agent/log.ts'
import { Tree } from '../support/tree.ts'

const child = fileURLToPath(new URL('./log-child.js', import.meta.url))

function logOf(journal: boolean, level: 'info' | 'debug' = 'debug') {
  const lines: string[] = []
  return { lines, log: openLog({ level, journal, write: (line) => lines.push(line) }) }
}

/** What a process writes to a file as its stderr, JOURNAL_STREAM as `stream` says of that file. */
async function written(stream: (dev: bigint, ino: bigint) => string | undefined): Promise<string> {
  await using tree = await Tree.make()
  const fd = openSync(tree.at('stderr'), 'wx')
  const { dev, ino } = fstatSync(fd, { bigint: true })
  const process_ = spawn(process.execPath, [child], {
    env: { PATH: process.env['PATH'], JOURNAL_STREAM: stream(dev, ino) },
    stdio: ['ignore', 'ignore', fd],
    timeout: 60_000,
  })
  const [code] = (await once(process_, 'exit')) as [number]
  assert.is(code, 0)
  return await readFile(tree.at('stderr'), 'utf8')
}

const test = suite('log')

test('gives each level the priority of syslog under the journal, and nothing elsewhere', () => {
  for (const [journal, starts] of [
    [true, ['<3>ERROR', '<4>WARN ', '<6>INFO ', '<7>DEBUG']],
    [false, ['ERROR', 'WARN ', 'INFO ', 'DEBUG']],
  ] as const) {
    const { lines, log } = logOf(journal)
    for (const level of ['error', 'warn', 'info', 'debug'] as const) log[level]('a word', { n: 1 })
    assert.equal(
      lines,
      starts.map((start) => `${start} a word n=1\n`),
    )
  }
})

test('knows the journal by the file behind stderr, not by the variable alone', async () => {
  const line = 'INFO  hello\n'
  assert.is(await written((dev, ino) => `${dev}:${ino}`), `<6>${line}`)
  assert.is(await written((dev, ino) => `${dev}:${ino + 1n}`), line)
  assert.is(await written(() => undefined), line)
  for (const stream of ['', '8', 'a:b', '1:2:3', ':', '-1:5']) assert.is(goesToJournal(stream), false, stream)
  assert.is(goesToJournal('1:2', 9_999), false)
})

test('remembers its newest lines, with their times, and no more than 500', () => {
  const { log } = logOf(true, 'info')
  for (let n = 0; n < 1_200; n++) log.info('line', { n })
  log.debug('not shown')
  const kept = log.logLines()
  assert.is(kept.length, 500)
  assert.match(kept[0] ?? '', /^\d{4}-\d\d-\d\dT[\d:.]+Z INFO {2}line n=700$/)
  assert.match(kept.at(-1) ?? '', /n=1199$/)
  log.info('x'.repeat(100_000))
  assert.ok((log.logLines().at(-1) ?? '').length < 2_100)
})

test('masks what is secret wherever it stands, in what is written and in what is remembered', () => {
  const { lines, log } = logOf(false)
  const planted = 'geheim'
  log.info(`rtsp://me:${planted}@cam/1`, {
    source: `rtsp://me:a@${planted}@cam/1`,
    nested: { url: `mqtt://u:${planted}@h`, password: planted },
  })
  log.warn('request', { url: `/?token=${planted}`, again: `GET /live?fps=1&key=${planted}`, token: planted })
  log.error('headers', { headers: { authorization: `Bearer ${planted}`, cookie: `session=${planted}; x=${planted}` } })
  log.error(`Authorization: Basic ${planted}\nAuthorization: Digest username="me", response="${planted}"\nnext line`)
  log.error('stack', { error: `Error: x\n  at ${planted}Free`, body: JSON.stringify({ password: planted, mqtt: { token: planted } }) })
  log.info(`-----BEGIN PRIVATE KEY-----\n${planted}\n-----END PRIVATE KEY----- user-pw=${planted} pwd="${planted} ${planted}"`)
  assert.is(lines.length, 6)
  for (const line of [...lines, ...log.logLines()]) assert.not.match(line.replace('geheimFree', ''), planted)
  assert.match(lines[3] ?? '', 'next line')
  assert.match(lines[4] ?? '', 'geheimFree')
})

test('a failure that ends the process is one line in the journal, and reads as it is elsewhere', () => {
  const message =
    '/etc/x.yaml has 2 faults:\n  a: rtsp://me:geheim@cam is wrong.\n  b is missing.\n Correct every line above. [CONFIG_INVALID]'
  assert.is(
    lastWords(message, true),
    '<3>ERROR /etc/x.yaml has 2 faults: | a: rtsp://me:***@cam is wrong. | b is missing. | Correct every line above. [CONFIG_INVALID]\n',
  )
  assert.is(lastWords(message, false), `${message.replace('geheim', '***')}\n`)
})

test('what others print is masked, one line each, whatever the level, and left out while nobody reads', () => {
  const lines: string[] = []
  let unread = 0
  const print = openPrint({ write: (line) => lines.push(line), journal: true, unreadBytes: () => unread })
  assert.is(print('debug', 'engine hog: rtsp://me:geheim@cam/1\n<0>two \u001b[2J'), true)
  unread = 2_000_000
  assert.is(print('error', 'nobody reads this'), false)
  unread = 0
  assert.is(print('info', 'again'), true)
  assert.equal(lines, ['<7>DEBUG engine hog: rtsp://me:***@cam/1\\n<0>two ?[2J\n', '<6>INFO  again\n'])
})

test('leaves alone what only sounds secret', () => {
  const { lines, log } = logOf(false)
  log.info('wrong token; mqtt.passwordFile=/etc/headcount/mqtt-password key=door')
  assert.is(lines[0], 'INFO  wrong token; mqtt.passwordFile=/etc/headcount/mqtt-password key=door\n')
})

test.run()

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseSource, secretsOf } from '../../agent/capture/source.ts'
import { openPrint } from '../../agent/log.ts'
import { Child } from '../../agent/supervise/child.ts'
import { PrintBudget } from '../../agent/supervise/print-budget.ts'
import { levelOf } from '../../agent/supervise/printed-line.ts'
import { eventually } from '../support/eventually.ts'

const test = suite('what a child prints')

const ENTRY = new URL('./printing-child.js', import.meta.url)
const ENGINE = new URL('../../agent/engine/child.js', import.meta.url)
const UNREAD_PARENT = fileURLToPath(new URL('./unread-parent.js', import.meta.url))
const PASSWORD = 'gräm "1"/%x'

interface Told {
  readonly lines: string[]
  readonly child: Child<never, never>
}

/** A child that prints, and our lines of it. */
function printing(args: readonly string[], secrets: readonly string[] = []): Told {
  const lines: string[] = []
  const keep = openPrint({ write: (line) => lines.push(line.trimEnd()), journal: true, unreadBytes: () => 0 })
  const options = { name: 'capture door', args, secrets, print: keep, onReport: () => undefined }
  return { lines, child: new Child(ENTRY, options) }
}

async function printed(args: readonly string[], secrets: readonly string[] = []): Promise<readonly string[]> {
  const { lines, child } = printing(args, secrets)
  await using _ = child
  await child.exited
  return lines
}

/** S (sleeps), R (runs) or Z (has ended), and the time it has computed; "none" when there is no such process. */
async function stateOf(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '') // It is gone.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return text === '' ? 'none' : `${fields[0]} ${fields[11]} ${fields[12]}`
}

test('is said line by line, with its level and by whom, whole characters and nothing that moves a cursor', async () => {
  const text = '0:00:01.0 7 0x5 \u001b[33;01mLOG    \u001b[00m x: späte 人\n\nfree(): invalid\u001b[2J pointer\r\n'
  assert.equal(await printed(['bytes', text]), [
    '<7>DEBUG capture door: 0:00:01.0 7 0x5 LOG     x: späte 人',
    '<4>WARN  capture door: free(): invalid?[2J pointer',
  ])
})

test('is said to its last word before the end is told, on both outputs', async () => {
  const lines = await printed(['unfinished', 'without an end'])
  assert.equal([...lines].sort(), ['<4>WARN  capture door: err without an end', '<4>WARN  capture door: out without an end'])
})

test('has no secret of its source in it, however that is written', async () => {
  const source = parseSource(`rtsp://eye:${encodeURIComponent(PASSWORD)}@cam/1?sid=bartholomew&n=1`)
  const ways = [
    PASSWORD,
    encodeURIComponent(PASSWORD),
    encodeURIComponent(PASSWORD).toLowerCase(),
    Buffer.from(`eye:${PASSWORD}`).toString('base64'),
    JSON.stringify({ x: PASSWORD }),
    // gst_structure_to_string() of GStreamer 1.22.
    'x, user-pw=(string)"gr\\303\\244m\\ \\"1\\"/\\%x", y',
    `gr\u001b[31mäm "1"/%x`,
    'rtsp://cam/1?sid=bartholomew&n=1',
    'session bartholomew',
  ]
  const lines = await printed(['bytes', ways.map((way) => `a ${way} z\n`).join('')], secretsOf(source))
  assert.is(lines.length, ways.length)
  for (const line of lines) {
    assert.match(line, /^<4>WARN {2}capture door: a .*\*\*\*.* z$/)
    assert.not.match(line, /gr(ä|%|\\)|%x|bartho|ZXll/)
  }
})

test('has no picture of memory in it: a secret may stand in several rows of one', async () => {
  const row = '0:00:00.4 7 0x5 MEMDUMP rtsp x.c:1:f: 00000010: 41 75 74 68 6f 72 69 7a 61 74 69 6f 6e 3a 20 42  Authorization: B'
  assert.equal(await printed(['bytes', `${row}\n`]), ['<7>DEBUG capture door: 0:00:00.4 7 0x5 MEMDUMP rtsp x.c:1:f: ***'])
})

test('is cut where it has no end, before anything that may be half a secret', async () => {
  for (let pad = 8_150; pad < 8_200; pad += 7) {
    const text = `${'x'.repeat(4_000)} ${'y'.repeat(pad - 4_001)}${PASSWORD} tail\nnext\n`
    const lines = await printed(['bytes', text], [PASSWORD])
    assert.is(lines.length, 2)
    assert.not.match(lines[0] ?? '', /gr|%x/)
    assert.is(lines[1], '<4>WARN  capture door: next')
  }
  // What is taken off the end may begin in the middle of a whole one, which has spaces.
  const spaced = 'first second third'
  for (let pad = 8_140; pad < 8_192; pad += 3) {
    const [line = ''] = await printed(['bytes', `${'x'.repeat(pad - 40)} ${spaced} ${'y'.repeat(100)}\n`], [spaced])
    assert.not.match(line, /first|second/)
  }
  const junk = await printed(['junk', '20'])
  assert.is(junk.length, 2)
  assert.ok((junk[0]?.length ?? 0) < 20_000)
  assert.not.match(junk[0] ?? '', /\p{Cc}/u)
  assert.is(junk[1], '<4>WARN  capture door: after')
})

test('is left out and counted when it is too much, but for what was said last', async () => {
  const all = 100_000
  const { lines, child } = printing(['flood', String(all)])
  await using _ = child
  let turns = 0
  const clock = setInterval(() => turns++, 1)
  const exit = await child.exited
  clearInterval(clock)
  assert.is(exit.code, 1)
  const shown = lines.filter((line) => line.includes(' GST_X ')).length
  const leftOut = lines.map((line) => Number(/: (\d+) lines were left out$/.exec(line)?.[1] ?? 0)).reduce((a, b) => a + b)
  assert.is(shown + leftOut, all)
  assert.ok(leftOut > all / 2, `${leftOut} of ${all}`)
  assert.ok(turns > 3, 'the event loop turns meanwhile')
  // The trace of the crash, whole.
  assert.match(lines.slice(-15).join('\n'), /GST_X 99999 x+\n.*TypeError: nobody foresaw this\n.*Node\.js v\d+/s)
})

test('keeps no child waiting when nobody reads us', async () => {
  const agent = spawn(process.execPath, [UNREAD_PARENT, '200000'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
    killSignal: 'SIGKILL',
  })
  let told = ''
  agent.stdout.setEncoding('utf8').on('data', (text: string) => {
    told += text
  })
  await once(agent, 'exit')
  const { code, unreadBytes } = JSON.parse(told) as { code: number; unreadBytes: number }
  agent.stderr.destroy()
  assert.is(code, 1)
  assert.ok(unreadBytes > 100_000, `nobody has read: ${unreadBytes} bytes wait`)
  assert.ok(unreadBytes < 1_200_000, `${unreadBytes} bytes wait in memory`)
})

test('keeps a child waiting when we stand still, but not from ending with us', async () => {
  const agent = spawn(process.execPath, [UNREAD_PARENT, '1000000000'], { stdio: ['ignore', 'ignore', 'pipe'] })
  const gone = once(agent, 'exit')
  try {
    await once(agent.stderr, 'readable')
    const child = Number(await readFile(`/proc/${agent.pid}/task/${agent.pid}/children`, 'utf8'))
    agent.kill('SIGSTOP')
    let last = ''
    const waits = async () => {
      const before = last
      last = await stateOf(child)
      return last.startsWith('S') && last === before
    }
    await eventually(waits, { what: 'the child waits for room', everyMs: 200 })
    agent.kill('SIGKILL')
    await gone
    await eventually(async () => /^(Z|none)/.test(await stateOf(child)), { what: 'the child has ended' })
  } finally {
    agent.kill('SIGKILL')
    agent.stderr.destroy()
  }
})

test('is not waited for when somebody else has the other end of the pipe', async () => {
  const { lines, child } = printing(['heir', '20'])
  await using _ = child
  const late = setTimeout(() => assert.unreachable('it was waited for'), 15_000)
  await child.exited
  clearTimeout(late)
  assert.equal(lines, ['<4>WARN  capture door: the last word'])
})

test('is said also of a child that is killed in the middle of a line', async () => {
  const { lines, child } = printing(['begun', 'first line\nI was just'])
  await eventually(() => lines.length === 1, { what: 'the first line is said' })
  await child[Symbol.asyncDispose]()
  assert.equal(lines, ['<4>WARN  capture door: first line', '<4>WARN  capture door: I was just'])
})

test('waits for room also after the engine has said something itself', async () => {
  const lines: string[] = []
  const print = (_level: string, line: string): boolean => lines.push(line) > 0
  await using engine = new Child<object, never>(ENGINE, { name: 'engine', print, onReport: () => undefined })
  engine.send({ type: 'nonsense' })
  await eventually(() => lines.length === 1, { what: 'the line is said' })
  assert.is(lines[0], 'engine: not an order: {"type":"nonsense"}')
  const [, flags = ''] = /^flags:\s*(\d+)$/m.exec(await readFile(`/proc/${engine.pid}/fdinfo/2`, 'utf8')) ?? []
  assert.is(Number.parseInt(flags, 8) & constants.O_NONBLOCK, 0)
})

test('has the level that its line names', () => {
  for (const [line, level] of [
    ['0:00:00.025151273 24526     0x1dfa4200 ERROR      rtspsrc gst.c:1:f: x', 'error'],
    ['0:00:00.025151273 24526     0x1dfa4200 WARN       rtspsrc gst.c:1:f: no DEBUG here', 'warn'],
    ['0:00:00.025151273 24526     0x1dfa4200 FIXME      rtspsrc gst.c:1:f: x', 'info'],
    ['[0:12:34.567890] [1234]  INFO Camera camera_manager.cpp:297 libcamera v0.3', 'info'],
    ['[0:12:34.567890] [1234] FATAL default x.cpp:1 assertion', 'error'],
    ['[HailoRT] [error] CHECK failed', 'error'],
    ['TypeError: x is not a function', 'warn'],
    ['there is no info in this', 'warn'],
  ] as const)
    assert.is(levelOf(line), level, line)
})

test('has a burst of a megabyte, then so much a second, said in pieces that hang together', () => {
  const budget = new PrintBudget(0)
  const lines = (atMs: number) => {
    let count = 0
    while (count < 100_000 && budget.allows(936, atMs)) count++
    return count
  }
  assert.is(lines(0), 1_048)
  assert.is(lines(500), 0)
  assert.is(lines(900), 0)
  assert.is(lines(1_010), 132)
  assert.is(lines(1_020), 0)
  assert.is(lines(3_600_000), 1_048)
})

test.run()

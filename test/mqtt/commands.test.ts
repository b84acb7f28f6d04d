import { connectAsync } from 'mqtt'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { AgentError } from '../../agent/errors.ts'
import { openLog } from '../../agent/log.ts'
import { parseCommand } from '../../agent/mqtt/command.ts'
import { Commands, type CommandTarget, type CommandTopics } from '../../agent/mqtt/commands.ts'
import type { Listener } from '../../agent/mqtt/subscriptions.ts'
import { keepLog } from '../supervise/kept-log.ts'
import { startBroker } from '../support/broker.ts'
import { eventually } from '../support/eventually.ts'
import { recordMqtt } from '../support/mqtt-recorder.ts'
import { openSession } from './session-for-test.ts'

const test = suite('mqtt commands')

/** Remembers what it was told; knows stream "cam" alone, which may have a password for its source. */
function target(passwordSource: string | null = null): CommandTarget & { told: string[] } {
  const told: string[] = []
  const tell = (what: string) => async (id?: string) => {
    if (id !== undefined && id !== 'cam') throw new AgentError('NOT_FOUND', `There is no stream "${id}".`, { remedy: 'Look again.' })
    told.push(id === undefined ? what : `${what} ${id}`)
  }
  return {
    told,
    stream: (id) => (id === 'cam' ? {} : undefined),
    passwordSource: (id) => (id === 'cam' ? passwordSource : null),
    start: tell('start'),
    stop: tell('stop'),
    restart: tell('restart'),
    stopAll: () => tell('stopAll')(),
    add: async (raw) => told.push(`add ${JSON.stringify(raw)}`),
    patchAndStart: async (id, raw, allow) => {
      allow()
      told.push(`patch ${id} ${JSON.stringify(raw)}`, `start ${id}`)
    },
    resetTotals: async (stream, line, who) => {
      if (stream !== null) await tell(`resetTotals of ${line ?? 'all lines'} by ${who} on`)(stream)
      else told.push(`resetTotals of everything by ${who}`)
    },
    setInside: async (area, value, who) => {
      if (area !== 'shop') throw new AgentError('NOT_FOUND', `There is no area "${area}".`, { remedy: 'Look again.' })
      told.push(`setInside ${area} ${value} by ${who}`)
    },
  }
}

/** Sends commands over a real broker and returns what was done and answered. */
async function obeyed(
  commands: readonly unknown[],
  {
    allowLocalSources = false,
    retain = false,
    passwordSource,
  }: { allowLocalSources?: boolean; retain?: boolean; passwordSource?: string } = {},
): Promise<{ told: string[]; results: unknown[] }> {
  await using broker = await startBroker()
  const { session } = openSession({ url: broker.url })
  await using _ = session
  const streams = target(passwordSource)
  using obeying = new Commands({
    topics: session,
    allowLocalSources,
    log: openLog({ level: 'error', write: () => undefined }),
  })
  obeying.obey(streams)
  await using mqtt = await recordMqtt(broker.url)
  await mqtt.until('headcount/door/status', 'online')
  const person = await connectAsync(broker.url)
  for (const command of commands) {
    await person.publishAsync('headcount/door/command', typeof command === 'string' ? command : JSON.stringify(command), { qos: 1, retain })
  }
  const results = () => mqtt.of('headcount/door/command/result')
  await eventually(() => results().length >= commands.length, { what: 'every command is answered', log: () => results().join('\n') })
  await person.endAsync()
  return { told: streams.told, results: results().map((result) => JSON.parse(result) as unknown) }
}

test('starts, stops and restarts a stream and answers who asked', async () => {
  const { told, results } = await obeyed([
    { type: 'STOP', stream_id: 'cam', request_id: 'a' },
    { type: 'START', stream_id: 'cam' },
    { type: 'RESTART', stream_id: 'cam', request_id: 7 },
    { type: 'SHUTDOWN' },
  ])
  assert.equal(told, ['stop cam', 'start cam', 'restart cam', 'stopAll'])
  assert.equal(results, [
    { request_id: 'a', type: 'STOP', stream_id: 'cam', ok: true },
    { request_id: null, type: 'START', stream_id: 'cam', ok: true },
    { request_id: 7, type: 'RESTART', stream_id: 'cam', ok: true },
    { request_id: null, type: 'SHUTDOWN', stream_id: null, ok: true },
  ])
})

test('makes a stream that names its source, and changes one that is there', async () => {
  const { told } = await obeyed([
    { type: 'START', stream_id: 'new', rtsp: 'rtsp://me:geheim@cam/1', rotate: 90 },
    { type: 'START', stream_id: 'cam', source: 'rtsp://cam/2' },
  ])
  assert.equal(told, ['add {"source":"rtsp://me:geheim@cam/1","rotate":90,"id":"new"}', 'patch cam {"source":"rtsp://cam/2"}', 'start cam'])
})

test('answers what it cannot do with code and remedy', async () => {
  const { told, results } = await obeyed([
    { type: 'STOP', stream_id: 'none', request_id: 'x' },
    { type: 'FLY' },
    '{',
    '[]',
    { type: 'STOP' },
  ])
  assert.equal(told, [])
  assert.equal(results[0], {
    request_id: 'x',
    type: 'STOP',
    stream_id: 'none',
    ok: false,
    code: 'NOT_FOUND',
    message: 'There is no stream "none".',
    remedy: 'Look again.',
  })
  assert.equal(
    results.map((result) => (result as { code: string }).code),
    ['NOT_FOUND', 'BAD_REQUEST', 'BAD_REQUEST', 'BAD_REQUEST', 'BAD_REQUEST'],
  )
})

test('sets totals back: of a line, of a stream, of all', async () => {
  const { told, results } = await obeyed([
    { type: 'RESET_TOTALS', stream_id: 'cam', line: 'entrance', request_id: 1 },
    { type: 'RESET_TOTALS', stream_id: 'cam' },
    { type: 'RESET_TOTALS' },
    { type: 'RESET_TOTALS', stream_id: null, line: null },
    { type: 'RESET_TOTALS', stream_id: 'none' },
  ])
  assert.equal(told, [
    'resetTotals of entrance by mqtt on cam',
    'resetTotals of all lines by mqtt on cam',
    'resetTotals of everything by mqtt',
    'resetTotals of everything by mqtt',
  ])
  assert.equal(results[0], { request_id: 1, type: 'RESET_TOTALS', stream_id: 'cam', ok: true })
  assert.is((results[4] as { code: string }).code, 'NOT_FOUND')
})

test('sets the people inside an area, and takes nothing that is no number of people', async () => {
  const { told, results } = await obeyed([
    { type: 'SET_INSIDE', area: 'shop', value: 0 },
    { type: 'SET_INSIDE', area: 'shop', value: 1_000_000 },
    { type: 'SET_INSIDE', area: 'bar', value: 1 },
    ...[-1, 0.5, 1_000_001, '3', null, true, [], 1e308].map((value) => ({ type: 'SET_INSIDE', area: 'shop', value })),
    { type: 'SET_INSIDE', area: 'shop' },
    { type: 'SET_INSIDE', value: 1 },
  ])
  assert.equal(told, ['setInside shop 0 by mqtt', 'setInside shop 1000000 by mqtt'])
  const codes = results.map((result) => (result as { code?: string }).code)
  assert.equal(codes, [undefined, undefined, 'NOT_FOUND', ...Array.from({ length: 10 }, () => 'BAD_REQUEST')])
})

test('a line without its stream does not reset everything', async () => {
  const wrong = [
    { type: 'RESET_TOTALS', line: 'entrance' },
    { type: 'RESET_TOTALS', stream: 'cam' },
    { type: 'RESET_TOTALS', stream_id: 3 },
  ]
  const { told, results } = await obeyed(wrong)
  assert.equal(told, [])
  assert.ok(results.every((result) => (result as { code: string }).code === 'BAD_REQUEST'))
})

test('lets nobody at the broker read files of this machine, unless allowed', async () => {
  const local = [
    { type: 'START', stream_id: 'new', source: 'file:/etc/passwd' },
    { type: 'START', stream_id: 'new', rtsp: 'v4l2:/dev/video0' },
    { type: 'START', stream_id: 'new', source: 'rtsp://me@evil/1', passwordFile: '/etc/shadow' },
    { type: 'START', stream_id: 'cam', passwordFile: '/etc/shadow' },
    // Nobody may take one away either: its owner would give it anew, to whatever source stands there then.
    { type: 'START', stream_id: 'cam', passwordFile: null },
  ]
  const refused = await obeyed(local)
  assert.equal(refused.told, [])
  assert.ok(refused.results.every((result) => (result as { code: string }).code === 'FORBIDDEN'))
  const allowed = await obeyed(local.slice(0, 2), { allowLocalSources: true })
  assert.is(allowed.told.length, 2)
})

test('sends the password of a camera nowhere else, unless allowed', async () => {
  const passwordSource = 'rtsp://me@cam/1'
  const starts = [
    { type: 'START', stream_id: 'cam', source: 'rtsp://me@evil/1' },
    { type: 'START', stream_id: 'cam', rtsp: 'rtsp://me@evil/1', transport: 'udp' },
    { type: 'START', stream_id: 'cam', source: passwordSource, rotate: 90 },
  ]
  const { told, results } = await obeyed(starts, { passwordSource })
  assert.equal(told, ['patch cam {"source":"rtsp://me@cam/1","rotate":90}', 'start cam'])
  assert.equal(
    results.map((result) => (result as { code?: string }).code),
    ['FORBIDDEN', 'FORBIDDEN', undefined],
  )
  const allowed = await obeyed(starts.slice(0, 1), { passwordSource, allowLocalSources: true })
  assert.is(allowed.told.length, 2)
})

test('does not obey a command that lies retained at the broker', async () => {
  await using broker = await startBroker()
  const person = await connectAsync(broker.url)
  await person.publishAsync('headcount/door/command', '{"type":"SHUTDOWN"}', { qos: 1, retain: true })
  const { session } = openSession({ url: broker.url })
  await using _ = session
  const streams = target()
  const lines: string[] = []
  using commands = new Commands({
    topics: session,
    allowLocalSources: false,
    log: openLog({ level: 'warn', write: (line) => lines.push(line) }),
  })
  commands.obey(streams)
  await eventually(() => lines.some((line) => line.includes('retained command')), { what: 'it is noticed' })
  await person.publishAsync('headcount/door/command', '{"type":"STOP","stream_id":"cam"}', { qos: 1 })
  await eventually(() => streams.told.length > 0, { what: 'the next one is obeyed' })
  assert.equal(streams.told, ['stop cam'])
  await person.endAsync()
})

/** Commands without a broker between. */
function commandsByHand(streams: CommandTarget | null, longestTurnMs?: number) {
  const listeners: Listener[] = []
  const answers: { request_id: unknown; ok: boolean; code?: string }[] = []
  const topics: CommandTopics = {
    topic: (suffix) => suffix,
    listen: (_, listener) => listeners.push(listener),
    send: async (_, payload) => answers.push(JSON.parse(payload) as (typeof answers)[number]) > 0,
  }
  const log = keepLog()
  const commands = new Commands({ topics, allowLocalSources: false, log, ...(longestTurnMs && { longestTurnMs }) })
  if (streams) commands.obey(streams)
  const say = (command: object, retained = false) => {
    for (const listener of listeners) listener(Buffer.from(JSON.stringify(command)), { topic: 'command', retained })
  }
  return { commands, say, answers, log, [Symbol.dispose]: () => commands[Symbol.dispose]() }
}

test('a command that comes before there are streams waits for them', async () => {
  const streams = target()
  using early = commandsByHand(null)
  for (let number = 0; number < 20; number++) early.say({ type: 'STOP', stream_id: 'cam', request_id: number })
  await new Promise(setImmediate)
  // Somebody who floods us is refused as ever.
  assert.equal([streams.told, early.answers.map(({ code }) => code)], [[], ['CONFLICT', 'CONFLICT', 'CONFLICT', 'CONFLICT']])
  early.commands.obey(streams)
  await eventually(() => early.answers.length === 20, { what: 'the others are answered' })
  assert.equal(
    early.answers.slice(4).map(({ request_id }) => request_id),
    Array.from({ length: 16 }, (_, number) => number),
  )
})

test('whoever floods us with commands does not fill the log', async () => {
  const commands = commandsByHand(target())
  for (let i = 0; i < 2_000; i++) {
    commands.say({ type: 'STOP', stream_id: 'cam' })
    commands.say({ type: 'STOP', stream_id: 'cam' }, true)
    commands.say({ type: 'FLY' })
    await new Promise(setImmediate)
  }
  await eventually(() => commands.answers.length === 4_000, { what: 'every command is answered' })
  commands[Symbol.dispose]()
  const { lines } = commands.log
  assert.ok(lines.length > 20 && lines.length < 40, `${lines.length} lines`)
  // Nothing is lost sight of: 2,000 were obeyed and 2,000 retained ones were not.
  const [, unsaid] = /^(\d+) more lines about commands over MQTT were not logged$/.exec(lines.at(-1)?.[1] ?? '') ?? []
  assert.is(Number(unsaid) + lines.length - 1, 4_000)
})

test('a change that hangs does not keep STOP and SHUTDOWN waiting', async () => {
  const streams = target()
  let answerDisk: () => void = () => undefined
  const disk = new Promise<void>((resolve) => {
    answerDisk = resolve
  })
  const hanging: CommandTarget = { ...streams, patchAndStart: () => disk }
  using commands = commandsByHand(hanging, 30)
  commands.say({ type: 'START', stream_id: 'cam', rotate: 90, request_id: 'change' })
  commands.say({ type: 'STOP', stream_id: 'cam', request_id: 'stop' })
  commands.say({ type: 'SHUTDOWN', request_id: 'shutdown' })
  await eventually(() => commands.answers.length === 2, { what: 'the others are obeyed' })
  assert.equal(streams.told, ['stop cam', 'stopAll'])
  answerDisk()
  await eventually(() => commands.answers.length === 3, { what: 'the change is answered, too' })
  assert.equal(
    commands.answers.map(({ request_id, ok }) => [request_id, ok]),
    [
      ['stop', true],
      ['shutdown', true],
      ['change', true],
    ],
  )
})

test('the password is looked after at the moment of the change, not before', async () => {
  const streams = target('rtsp://me@cam/1')
  let password: string | null = null
  const later: CommandTarget = {
    ...streams,
    passwordSource: () => password,
    // Somebody else's change, which gives the stream a password, comes first.
    patchAndStart: async (id, raw, allow) => {
      password = 'rtsp://me@cam/1'
      return streams.patchAndStart(id, raw, allow)
    },
  }
  using commands = commandsByHand(later)
  commands.say({ type: 'START', stream_id: 'cam', source: 'rtsp://me@evil/1' })
  await eventually(() => commands.answers.length === 1, { what: 'an answer' })
  assert.equal([commands.answers[0]?.code, streams.told], ['FORBIDDEN', []])
})

test('answers any bytes and never throws', () => {
  let seed = 1
  const random = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
    return seed % below
  }
  const seedText = JSON.stringify({
    type: 'START',
    stream_id: 'cam',
    request_id: 'r',
    source: 'rtsp://x',
    masks: [[[0, 1]]],
    __proto__: null,
  })
  for (let round = 0; round < 20_000; round++) {
    const bytes = Buffer.from(seedText)
    for (let change = random(4); change >= 0; change--) bytes[random(bytes.length)] = random(256)
    const parsed = parseCommand(bytes.subarray(0, random(bytes.length + 1)), { allowLocalSources: false })
    assert.ok('command' in parsed || parsed.fault.remedy.length > 0)
  }
  const large = parseCommand(Buffer.alloc(20_000, ' '), { allowLocalSources: false })
  assert.ok('fault' in large && large.fault.message.includes('larger'))
})

test.run()

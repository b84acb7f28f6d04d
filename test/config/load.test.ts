import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type LoadedConfig, loadConfig } from '../../agent/config/load.ts'
import { AgentError } from '../../agent/errors.ts'

const test = suite('configuration')

interface Given {
  readonly file?: string
  readonly overrides?: string
  readonly env?: Record<string, string>
}

/** Loads a configuration from texts, with a state folder of its own. */
async function load({ file = '', overrides, env = {} }: Given): Promise<LoadedConfig> {
  const stateDir = await mkdtemp(join(tmpdir(), 'headcount-config-'))
  try {
    const path = join(stateDir, 'config.yaml')
    await writeFile(path, file)
    if (overrides !== undefined) await writeFile(join(stateDir, 'overrides.yaml'), overrides)
    return await loadConfig({ file: path, env: { HEADCOUNT_STATE_DIR: stateDir, ...env } })
  } finally {
    await rm(stateDir, { recursive: true })
  }
}

/** The error that loading ends with. */
async function refusal(given: Given): Promise<AgentError> {
  const error = await load(given).catch((reason: unknown) => reason)
  if (error instanceof AgentError) return error
  throw new Error('it was taken')
}

/** The one line about a file with one fault. */
async function fault(file: string): Promise<string> {
  const { what } = await refusal({ file })
  const lines = what.trim().split('\n').slice(1)
  assert.is(lines.length, 1, what)
  return lines[0]?.trim() ?? ''
}

test('takes an empty file', async () => {
  const { config } = await load({})
  assert.is(config.detector.scoreThreshold, 0.3)
  assert.is(config.mqtt.url, 'mqtt://localhost:1883')
  assert.is(config.http.video, 'on')
  assert.equal(config.streams, [])
  assert.match(config.node, /^[a-z0-9_-]+-[0-9a-f]{4}$/)
})

test('takes keys without a value as not written', async () => {
  const { config } = await load({ file: 'mqtt:\nhttp:\n  port:\n' })
  assert.is(config.http.port, 8_080)
})

test('takes JSON', async () => {
  const { config } = await load({ file: '{"streams":[{"id":"door","source":"test"}]}' })
  assert.is(config.streams[0]?.frame.width, 640)
  assert.is(config.streams[0]?.occupancy.offAfterMs, 5_000)
})

test('puts state files into the state folder', async () => {
  const { config, places } = await load({})
  assert.is(config.http.tokenFile, join(places.stateDir, 'token'))
  assert.is(config.jobs.dir, join(places.stateDir, 'jobs'))
})

test('takes every key that is promised', async () => {
  const { config } = await load({
    file: `
version: 1
node: hallway
log: { level: debug }
detector: { backend: hog, model: /m.hef, devices: [a, b], fallback: cpu, hog: { people: daimler, searchHeight: 300, hitThreshold: 0.2 } }
tracking: { buffer: 10, confirmFrames: 2 }
streams:
  - id: door
    source: rtsp://camera@10.0.0.5:554/stream?channel=1
    passwordFile: /etc/headcount/door.password
    transport: udp
    rotate: 90
    flip: h
    frame: { width: 426, height: 240, fps: 15 }
    detectFps: 7.5
    ring: { slots: 12 }
    zones: [{ id: desk, polygon: [[0.1, 0.2], [0.4, 0.2], [0.4, 0.6]] }]
    exclude: [[[0, 0], [1, 0], [1, 0.1]]]
    masks: [[[0, 0], [0.2, 0], [0.2, 0.2], [0, 0.2]]]
    lines: [{ id: entrance, from: [0, 0.5], to: [1, 0.5] }]
    occupancy: { onAfterMs: 100, offAfterMs: 0, minPersons: 2 }
  - { id: clip, source: 'file:/tmp/with space.avi', loop: true }
areas: [{ id: shop, entrances: [door/entrance] }]
mqtt: { url: 'mqtts://broker:8883', username: u, passwordFile: /p, ca: /ca, cert: /c, key: /k, version: 4, prefix: a/b, discovery: false }
http: { tls: { cert: /c, key: /k }, allowedHosts: [pi.local], frameAncestors: ['http://ha:8123'], video: off }
jobs: { dir: /var/jobs }
history: { timeZone: Europe/Berlin }
`,
  })
  assert.is(config.node, 'hallway')
  assert.is(config.streams[1]?.source, 'file:/tmp/with space.avi')
  assert.is(config.http.video, 'off')
  assert.is(config.mqtt.discovery, false)
})

test('names an unknown key and the one that was meant', async () => {
  assert.is(await fault('detector: { scoreTreshold: 0.5 }'), 'detector.scoreTreshold: 0.5 is not a key. Did you mean "scoreThreshold"?')
  assert.is(await fault('nod: x'), 'nod: "x" is not a key. Did you mean "node"?')
  assert.is(await fault('detector: { score_threshold: 0.5 }'), 'detector.score_threshold: 0.5 is not a key. Did you mean "scoreThreshold"?')
})

test('names the place of a key that stands at the wrong one', async () => {
  assert.is(await fault('scoreThreshold: 0.5'), 'scoreThreshold: 0.5 is not a key. Move it: the key is "detector.scoreThreshold".')
  assert.match(await fault('source: test'), 'into an entry of "streams"')
})

test('names the unit where one was written', async () => {
  const file = 'mqtt: { heartbeatSeconds: 20s }'
  assert.match(
    await fault(file),
    'mqtt.heartbeatSeconds: "20s" is text where a number belongs. Write a whole number from 1 to 3600, in seconds: the number alone',
  )
  assert.match(await fault('jobs: { keepHours: "24" }'), 'in hours: the number alone')
})

const single: readonly (readonly [string, string, string])[] = [
  ['node: Haus Tür', 'node: "Haus Tür" is not a valid id', '"haus_tu_r"'],
  ['node: __proto__', 'node: "__proto__" is not a valid id', '"proto"'],
  ['detector: { backend: gpu }', 'detector.backend: "gpu" is not a backend', 'auto, hailo, onnx, hog'],
  ['detector: { scoreThreshold: 30 }', 'detector.scoreThreshold: 30 is more than 1', 'from 0 to 1'],
  ['detector: { batchSize: 8, maxBatch: 4 }', 'detector.batchSize: 8 is larger than detector.maxBatch (4)', 'at most 4'],
  ['detector: { model: yolo.onnx }', 'detector.model: "yolo.onnx" is not an absolute path', 'beginning with'],
  ['streams: [{ id: a }]', 'streams[0].source is missing', 'Write text'],
  ['streams: [{ id: a, source: webcam }]', 'streams[0].source: "webcam" is not a kind of source', 'v4l2:/dev/video0'],
  ['streams: [{ id: a, source: "file:clip.mp4" }]', 'does not name a file by its whole path', 'file:/home'],
  ['streams: [{ id: a, source: "v4l2:video0" }]', 'does not name a video device', '/dev/video0'],
  ['streams: [{ id: a, source: "rtsp://" }]', 'is not a valid RTSP address', 'rtsp://HOST'],
  ['streams: [{ id: a, source: "test\\nx" }]', 'control character', 'one line'],
  ['streams: [{ id: command, source: test }]', 'is a word of our own topics', 'another id'],
  ['streams: [{ id: a, source: test, passwordFile: /p }]', 'has no user', 'rtsp://USER@HOST'],
  [
    'streams: [{ id: a, source: test, frame: { width: 641 } }]',
    'streams[0].frame.width: 641 is not a multiple of 2',
    'even number from 32 to 4096, in pixels',
  ],
  ['streams: [{ id: a, source: test, rotate: 45 }]', 'streams[0].rotate: 45', '0 or 90 or 180 or 270'],
  ['streams: [{ id: a, source: test, ring: { slots: 2 } }]', 'streams[0].ring.slots: 2 is less than 4', 'auto or a whole number'],
  [
    'streams: [{ id: a, source: test, zones: [{ id: z, polygon: [[0,0],[320,0],[0,1]] }] }]',
    'polygon[1][0]: 320 is more than 1',
    'divide pixels',
  ],
  [
    'streams: [{ id: a, source: test, masks: [[[0,0],[1,1]]] }]',
    'streams[0].masks[0]: [[0,0],[1,1]] has fewer than 3 entries',
    'at least 3 points',
  ],
  ['streams: [{ id: a, source: test, masks: [[[0,0],[0.5,0.5],[1,1]]] }]', 'has no area', 'corners'],
  ['streams: [{ id: a, source: test, exclude: [[[0,0],[1,1],[1,0],[0,1.0]]] }]', 'has no area', 'corners'],
  ['streams: [{ id: a, source: test, exclude: [[[0,0],[1,1],[1,0],[0,0.5]]] }]', 'crosses itself', 'in the order'],
  ['streams: [{ id: a, source: test, lines: [{ id: l, from: [0,0.5], to: [0,0.5] }] }]', 'has no length', 'two different points'],
  ['streams: [{ id: a, source: test }, { id: a, source: test }]', 'streams[1].id: "a" is the id of two streams', 'its own id'],
  ['areas: [{ id: shop, entrances: [door/entrance] }]', 'areas[0].entrances[0]: "door/entrance" names no line', 'no stream has a line'],
  ['mqtt: { url: "http://broker" }', 'mqtt.url: "http://broker" is not the address of a broker', 'mqtt://HOST:1883'],
  ['mqtt: { passwordFile: /p }', 'mqtt.username is missing', 'mqtt.username'],
  ['mqtt: { cert: /c }', 'mqtt.key is missing', 'mqtt.key'],
  ['mqtt: { prefix: "a/#" }', 'mqtt.prefix', 'without spaces'],
  ['http: { port: 80800 }', 'http.port: 80800 is more than 65535', 'from 0 to 65535'],
  ['http: { jpegQuality: 0.75 }', 'http.jpegQuality: 0.75', 'whole number from 1 to 100'],
  ['http: { video: true }', 'http.video: true', 'on, off'],
  ['http: { tokenFile: token }', 'http.tokenFile: "token" is not an absolute path', 'beginning with "/"'],
  ['history: { timeZone: Mars/Base }', 'is not a time zone', 'Europe/Berlin'],
  ['streams: { id: a }', 'streams: {"id":"a"}', 'Write a list'],
  ['__proto__: { node: x }', '__proto__', 'known here'],
]

for (const [file, ...wanted] of single) {
  test(`says what is wrong with ${JSON.stringify(file)}`, async () => {
    const line = await fault(file)
    for (const part of wanted) assert.ok(line.includes(part), `"${part}" is missing in: ${line}`)
  })
}

test('reports all faults together, also those between keys', async () => {
  const error = await refusal({
    file: `
nod: x
detector: { scoreThreshold: 30 }
streams:
  - { id: a, source: test, frame: { width: 641 } }
  - { id: a, source: test }
  - { source: test }
areas: [{ id: shop, entrances: [a/none] }]
http: { jpegQuality: 0.5 }
`,
  })
  assert.is(error.code, 'CONFIG_INVALID')
  for (const key of [
    'nod:',
    'detector.scoreThreshold: 30',
    'streams[0].frame.width: 641',
    'streams[1].id: "a"',
    'streams[2].id is missing',
    'areas[0].entrances[0]',
    'http.jpegQuality: 0.5',
  ]) {
    assert.ok(error.message.includes(key), `${key} is missing in ${error.message}`)
  }
  assert.match(error.what, '7 faults')
})

test('does not repeat a password in a fault', async () => {
  const error = await refusal({
    file: 'mqtt: { password: geheim1 }\nstreams: [{ id: a, source: "rtps://me:geheim2@cam/x" }, { id: b, source: "rtsp://me:gehe:im@3@cam x" }]',
  })
  assert.not.match(error.message, 'geheim')
  assert.not.match(error.message, 'gehe:im')
  assert.match(error.message, 'mqtt.password: ***')
  assert.match(error.message, 'passwordFile')
})

test('names the line of a YAML mistake, without its text', async () => {
  const error = await refusal({ file: 'node: a\nmqtt:\n  username: geheim\n url: x\nhttp: [\n' })
  assert.is(error.code, 'CONFIG_INVALID')
  assert.match(error.message, 'line 4')
  assert.not.match(error.message, 'geheim')
})

test('refuses a file that holds no keys, or the same key twice', async () => {
  assert.match((await refusal({ file: 'just text' })).message, 'holds no keys')
  assert.match((await refusal({ file: 'node: a\nnode: b' })).message, 'line 2')
})

test('is not blown up by aliases of aliases', async () => {
  const levels = Array.from(
    { length: 12 },
    (_, level) => `x${level}: &a${level} [${Array.from({ length: 10 }, () => (level === 0 ? '1' : `*a${level - 1}`)).join(',')}]`,
  )
  assert.is((await refusal({ file: levels.join('\n') })).code, 'CONFIG_INVALID')
})

test('names a file that cannot be read', async () => {
  const error = await loadConfig({ file: '/nowhere/config.yaml', env: {} }).catch((reason: unknown) => reason)
  assert.instance(error, AgentError)
  assert.is((error as AgentError).code, 'CONFIG_UNREADABLE')
  assert.match((error as AgentError).message, '--config')
})

test('takes null:N as backend only in tests', async () => {
  const before = process.env['HEADCOUNT_TEST']
  try {
    process.env['HEADCOUNT_TEST'] = '1'
    assert.is((await load({ file: 'detector: { backend: "null:10" }' })).config.detector.backend, 'null:10')
    delete process.env['HEADCOUNT_TEST']
    assert.match(await fault('detector: { backend: "null:10" }'), 'is not a backend')
  } finally {
    if (before === undefined) delete process.env['HEADCOUNT_TEST']
    else process.env['HEADCOUNT_TEST'] = before
  }
})

test('lets the environment win over changes made at run time, and those over the file', async () => {
  const { config, originOf } = await load({
    file: 'detector: { scoreThreshold: 0.1, iouThreshold: 0.1, batchSize: 4 }',
    overrides: 'settings: { detector: { scoreThreshold: 0.2, iouThreshold: 0.2 } }',
    env: {
      HEADCOUNT_DETECTOR_SCORE_THRESHOLD: '0.3',
      HEADCOUNT_MQTT_USERNAME: '1234',
      HEADCOUNT_DETECTOR_DEVICES: '[a, b]',
      HEADCOUNT_HTTP_VIDEO: 'off',
    },
  })
  assert.is(config.detector.scoreThreshold, 0.3)
  assert.is(config.detector.iouThreshold, 0.2)
  assert.is(config.detector.batchSize, 4)
  assert.is(config.mqtt.username, '1234')
  assert.equal(config.detector.devices, ['a', 'b'])
  assert.is(config.http.video, 'off')
  const origins = ['scoreThreshold', 'iouThreshold', 'batchSize', 'maxBatch'].map((key) => originOf(['detector', key]))
  assert.equal(origins, ['environment', 'overrides', 'file', 'default'])
})

test('says where a wrong value comes from when it does not stand in the file', async () => {
  const error = await refusal({ overrides: 'settings: { http: { port: -1 } }', env: { HEADCOUNT_TRACKING_BUFFER: 'long' } })
  assert.match(error.message, /http\.port: -1 \(from .*overrides\.yaml\)/)
  assert.match(error.message, 'tracking.buffer: "long" (from HEADCOUNT_TRACKING_BUFFER in the environment)')
})

test('notes an environment variable that is probably mistyped', async () => {
  const { notes } = await load({ env: { HEADCOUNT_DETECTOR_SCORE_TRESHOLD: '0.5', HEADCOUNT_MODELS: '/m' } })
  assert.is(notes.length, 1)
  assert.match(notes[0] ?? '', 'HEADCOUNT_DETECTOR_SCORE_THRESHOLD')
})

test('says of keys that do nothing yet that they do nothing', async () => {
  const { notes } = await load({
    file: 'streams: [{ id: a, source: test, exclude: [[[0,0],[1,0],[1,1]]], priority: 1 }]\nareas: []\njobs: { keepHours: 3 }',
  })
  assert.equal(notes.map((note) => note.split(' ')[0]).sort(), ['jobs', 'streams[].priority'])
})

test.run()

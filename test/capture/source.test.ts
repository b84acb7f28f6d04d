import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { describeSource, parseSource, secretsOf } from '../../agent/capture/source.ts'
import { AgentError } from '../../agent/errors.ts'

const test = suite('sources')

/** What parseSource throws, or null when it takes the text. */
function refusal(text: string): AgentError | null {
  try {
    parseSource(text)
    return null
  } catch (error) {
    if (error instanceof AgentError) return error
    throw error
  }
}

test('takes every kind of source apart', () => {
  assert.equal(parseSource('test'), { kind: 'test' })
  assert.equal(parseSource('libcamera'), { kind: 'libcamera', name: null })
  assert.equal(parseSource('libcamera:/base/soc/i2c0mux/i2c@1/imx708@1a'), { kind: 'libcamera', name: '/base/soc/i2c0mux/i2c@1/imx708@1a' })
  assert.equal(parseSource('v4l2:/dev/video0'), { kind: 'v4l2', device: '/dev/video0' })
  assert.equal(parseSource('file:/home/pi/a clip.mp4'), { kind: 'file', path: '/home/pi/a clip.mp4' })
})

test('keeps user and password of an RTSP address apart from it', () => {
  const source = parseSource('rtsp://joe:p%40ss%20w@10.0.0.7:8554/cam?channel=1', { transport: 'udp' })
  assert.equal(source, { kind: 'rtsp', url: 'rtsp://10.0.0.7:8554/cam?channel=1', user: 'joe', password: 'p@ss w', transport: 'udp' })
})

test('takes the password of the file before the one in the address', () => {
  const source = parseSource('rtsps://joe:old@cam.local/1', { password: 'n:e/w@' })
  assert.equal(source, { kind: 'rtsp', url: 'rtsps://cam.local/1', user: 'joe', password: 'n:e/w@', transport: 'tcp' })
})

test('takes a password that is not %-encoded as it stands', () => {
  const source = parseSource('rtsp://joe:100%@cam/1')
  assert.is(source.kind === 'rtsp' && source.password, '100%')
})

test('refuses what it cannot play, with a remedy and without the password', () => {
  const wrong = [
    '',
    'http://cam/',
    'file:clip.mp4',
    'file:',
    'v4l2:video0',
    'rtsp://',
    'rtsp://joe:secret@/x',
    'libcamera:',
    'test ',
    'file:/a\nb',
    'file:/a\0b',
  ]
  for (const text of [...wrong, 'rtsp://:secret@cam/1', 'rtsp://joe:secret%0A@cam/1', 'rtsp://joe:secret@ho st/1']) {
    const error = refusal(text)
    assert.is(error?.code, 'SOURCE_INVALID', text)
    assert.ok((error?.remedy.length ?? 0) > 10)
    assert.not.match(error?.message ?? '', /secret/)
  }
})

test('shows a source without its secrets', () => {
  assert.is(describeSource(parseSource('rtsp://joe:secret@cam/1?user=a&password=secret')), 'rtsp://joe:***@cam/1?…')
  assert.is(describeSource(parseSource('file:/a b.mp4')), 'file:/a b.mp4')
  assert.is(describeSource(parseSource('libcamera')), 'libcamera')
})

test('knows its secrets: the password, the header made of it, the query with its words', () => {
  const basic = Buffer.from('joe:p@ß 1').toString('base64')
  assert.equal(secretsOf(parseSource('rtsp://joe@cam/1', { password: 'p@ß 1' })), ['p@ß 1', basic])
  const query = 'codec=h264&sid=longer-word'
  assert.equal(secretsOf(parseSource(`rtsp://cam/1?${query}`)), [query, 'codec=h264', 'sid=longer-word', 'longer-word'])
  for (const text of ['test', 'file:/a?b=c', 'v4l2:/dev/video0']) assert.equal(secretsOf(parseSource(text)), [])
})

test.run()

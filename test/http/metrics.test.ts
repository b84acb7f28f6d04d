import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { metricFamilies } from '../../agent/http/metrics.ts'
import { metricsText } from '../../agent/http/metrics-text.ts'
import { ON_CPU, VITALS } from '../health/vitals-for-test.ts'
import { handAgent, handStream } from '../support/mjpeg-agent.ts'
import { bearer, openApp } from './hand-app.ts'

const test = suite('metrics')

/** Every series of a text by name and labels, as strictly as the format is written down; throws on a line that is not in it. */
function parse(text: string): ReadonlyMap<string, number> {
  const series = new Map<string, number>()
  let family = ''
  assert.ok(text.endsWith('\n'), 'the last line ends')
  for (const line of text.slice(0, -1).split('\n')) {
    const [, kind, name = ''] = /^# (HELP|TYPE) ([a-z_:][a-z0-9_:]*) \S/.exec(line) ?? []
    if (kind === 'TYPE') {
      assert.is(name, family, 'TYPE stands below HELP')
      assert.is(line.endsWith(' counter'), name.endsWith('_total'), line)
    } else if (kind === 'HELP') family = name
    else {
      const match = /^([a-z_:][a-z0-9_:]*)(\{(?:[a-z_]+="(?:[^"\\\n]|\\[\\"n])*"(?:,(?!\})|(?=\})))*\})? (\S+)$/.exec(line)
      assert.ok(match, `not a sample: ${line}`)
      assert.is(match[1], family, 'samples stand below their TYPE')
      const key = `${match[1]}${match[2] ?? ''}`
      assert.not.ok(series.has(key), `twice: ${key}`)
      assert.ok(Number.isFinite(Number(match[3])), line)
      series.set(key, Number(match[3]))
    }
  }
  return series
}

const VIDEO = { viewers: 2, encodes: 10, framesSent: 18, framesSkipped: 2 }
const door = { stream: { ...handStream('door'), status: 'online' as const, personCount: 3, framesLost: 4, fps: 9.5 }, video: VIDEO }
const yard = { stream: handStream('yard'), video: null }
const series = (streams = [door, yard], vitals = VITALS) => parse(metricsText(metricFamilies(streams, vitals)))

test('tells of every stream, with units in the names', () => {
  const told = series()
  assert.is(told.get('headcount_stream_people{stream="door"}'), 3)
  assert.is(told.get('headcount_stream_detect_fps{stream="door"}'), 9.5)
  assert.is(told.get('headcount_stream_frames_lost_total{stream="door"}'), 4)
  assert.is(told.get('headcount_stream_viewers{stream="door"}'), 2)
  assert.is(told.get('headcount_stream_pictures_skipped_total{stream="door"}'), 2)
  assert.is(told.get('headcount_stream_online{stream="yard"}'), 0)
})

test('has no number of people while it is not known, and says so', () => {
  const told = series()
  assert.is(told.has('headcount_stream_people{stream="yard"}'), false)
  assert.is(told.get('headcount_stream_known{stream="yard"}'), 0)
  assert.is(told.get('headcount_stream_known{stream="door"}'), 1)
  assert.is(told.has('headcount_stream_viewers{stream="yard"}'), false, 'its video is off')
})

test('tells of the NPU in base units', () => {
  const told = series()
  assert.is(told.get('headcount_npu_utilisation_ratio'), 0.618_034)
  assert.is(told.get('headcount_npu_temperature_celsius'), 54.321)
  assert.is(told.get('headcount_npu_batch_fill_ratio'), 0.75)
  assert.is(told.get('headcount_npu_queue_age_seconds'), 0.003_25)
  assert.is(told.get('headcount_npu_timeouts_total'), 2)
  assert.is(told.get('headcount_npu_recoveries_total'), 1)
  assert.is(told.get('headcount_detector_info{backend="hailo",simulated="true"}'), 1)
  assert.is(told.get('headcount_stage_duration_seconds{stage="wait",percentile="99"}'), 0.004)
  assert.ok([...told.keys()].some((key) => key.startsWith('headcount_npu_info{') && key.includes('chip="Hailo-8L"')))
})

test('tells nothing of an NPU that is not there, and nothing of what it cannot read', () => {
  const names = [...series([door], ON_CPU).keys()]
  assert.equal(
    names.filter((name) => name.includes('npu')),
    [],
  )
  const { detection } = VITALS
  const cold = { ...VITALS, detection: { ...detection, npu: detection.npu && { ...detection.npu, temperatureC: null } } }
  const told = series([door], cold)
  assert.is(told.has('headcount_npu_temperature_celsius'), false)
  assert.is(told.get('headcount_npu_timeouts_total'), 2)
})

test('tells of every process, and of one that is down that it is, and how often it came back', () => {
  const told = series()
  assert.is(told.get('headcount_process_memory_bytes{process="agent"}'), 80_000_000)
  assert.is(told.get('headcount_process_cpu_seconds_total{process="capture door"}'), 3.456)
  assert.is(told.get('headcount_process_up{process="engine hailo"}'), 0)
  assert.is(told.get('headcount_process_restarts_total{process="engine hailo"}'), 3)
  assert.is(told.has('headcount_process_memory_bytes{process="engine hailo"}'), false)
  assert.is(told.get('headcount_ring_bytes'), 1_843_200)
})

test('holds its form whatever stands in a label, a help text or a value', () => {
  const text = metricsText([
    {
      name: 'a_total',
      type: 'counter',
      help: 'a \\ and\na line',
      samples: [{ labels: { path: 'C:\\x "y"\nz' }, value: 1e21 }],
    },
    { name: 'b', type: 'gauge', help: 'b', samples: [{ value: Number.NaN }, { labels: { n: '1' }, value: null }] },
  ])
  assert.is(text, '# HELP a_total a \\\\ and\\na line\n# TYPE a_total counter\na_total{path="C:\\\\x \\"y\\"\\nz"} 1e+21\n')
  parse(text)
})

test('needs the token, and answers in the format of Prometheus', async () => {
  const agent = handAgent()
  agent.vitals = async () => VITALS
  const { app, bugs } = await openApp(agent)
  assert.is((await app.request('/metrics')).status, 401)
  const response = await app.request('/metrics', { headers: bearer })
  assert.is(response.status, 200)
  assert.is(response.headers.get('Content-Type'), 'text/plain; version=0.0.4; charset=utf-8')
  const told = parse(await response.text())
  assert.is(told.get('headcount_stream_known{stream="door"}'), 0)
  assert.is(told.get('headcount_npu_timeouts_total'), 2)
  assert.equal(bugs, [])
})

test('answers without any stream', async () => {
  const { app } = await openApp(handAgent({}))
  const told = parse(await (await app.request('/metrics', { headers: bearer })).text())
  assert.is(told.get('headcount_detector_ready'), 1)
  assert.not.ok([...told.keys()].some((key) => key.includes('stream')))
})

test.run()

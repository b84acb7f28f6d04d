import type { ProcessVitals } from '../health/process-vitals.ts'
import type { Vitals } from '../health/vitals.ts'
import type { StreamShown } from './agent-view.ts'
import type { VideoCounters } from './live-video.ts'
import type { Labels, MetricFamily, Sample } from './metrics-text.ts'

/** A stream, and what its live picture costs; null with `http.video: off`. */
export interface MeasuredStream {
  readonly stream: StreamShown
  readonly video: VideoCounters | null
}

/** Name without `headcount_`, help, and the value of one thing; null: not known. */
type Column<Thing> = readonly [name: string, help: string, value: (thing: Thing) => number | null]

const STREAM: readonly Column<MeasuredStream>[] = [
  ['stream_running', 'Is the stream meant to run.', ({ stream }) => flag(stream.running)],
  ['stream_online', 'Are its pictures there and looked at.', ({ stream }) => flag(stream.status === 'online')],
  ['stream_known', 'Is the number of people known.', ({ stream }) => flag(stream.personCount !== null)],
  ['stream_people', 'People in view; not there while unknown.', ({ stream }) => stream.personCount],
  ['stream_detect_fps', 'Frames with a fresh inference a second.', ({ stream }) => stream.fps],
  ['stream_buffer_fps', 'Frames that come from the camera a second.', ({ stream }) => stream.bufferFps],
  ['stream_people_found_total', 'People found since the start.', ({ stream }) => stream.totalDetections],
  ['stream_frames_captured_total', 'Frames that came from the camera.', ({ stream }) => stream.framesCaptured],
  ['stream_frames_detected_total', 'Frames with an inference.', ({ stream }) => stream.framesDetected],
  ['stream_frames_lost_total', 'Frames that detection never saw.', ({ stream }) => stream.framesLost],
  ['stream_results_lost_total', 'Results that came after their frame was gone.', ({ stream }) => stream.resultsLost],
  ['stream_viewers', 'Who watches the live picture now.', ({ video }) => video?.viewers ?? null],
  ['stream_pictures_encoded_total', 'Pictures encoded for viewers.', ({ video }) => video?.encodes ?? null],
  ['stream_pictures_sent_total', 'Pictures sent to viewers.', ({ video }) => video?.framesSent ?? null],
  ['stream_pictures_skipped_total', 'Pictures that slow viewers did not take.', ({ video }) => video?.framesSkipped ?? null],
]

const DETECTION: readonly Column<Vitals['detection']>[] = [
  ['detector_ready', 'Can the detector infer.', ({ ready }) => flag(ready)],
  ['cpu_fallback', 'Does the CPU detect because the NPU is down.', ({ cpuFallback }) => flag(cpuFallback)],
  ['npu_utilisation_ratio', 'Share of the time in which the NPU had a frame to work on.', ({ npu }) => npu?.utilisation ?? null],
  ['npu_temperature_celsius', 'Temperature of the hotter sensor of the NPU.', ({ npu }) => npu?.temperatureC ?? null],
  ['npu_batch_fill_ratio', 'Frames of a batch in proportion to the batch size.', ({ npu }) => npu?.batchFill ?? null],
  ['npu_queue_age_seconds', 'Mean time from the arrival of a frame until the NPU had it.', ({ npu }) => seconds(npu?.queueAgeMs ?? null)],
  ['npu_timeouts_total', 'Inferences that the NPU did not answer in time.', ({ npu }) => npu?.timeouts ?? null],
  ['npu_recoveries_total', 'Times the NPU worked again after a fault.', ({ npu }) => npu?.recoveries ?? null],
]

const PROCESS: readonly Column<ProcessVitals>[] = [
  ['process_up', 'Does the process run.', ({ pid }) => flag(pid !== null)],
  ['process_uptime_seconds', 'Time since the start of the process.', ({ pid, uptimeS }) => (pid === null ? null : uptimeS)],
  ['process_restarts_total', 'How often the process was started again.', ({ restarts }) => restarts],
  ['process_memory_bytes', 'Proportional set size of the process.', ({ memoryBytes }) => memoryBytes],
  ['process_cpu_seconds_total', 'CPU time of the process, user and system.', ({ cpuSeconds }) => cpuSeconds],
]

/** Everything `/metrics` says. Units are base units: seconds, bytes, degrees Celsius, ratios of 1. */
export function metricFamilies(streams: readonly MeasuredStream[], { detection, processes, ringBytes }: Vitals): MetricFamily[] {
  return [
    ...families(STREAM, streams, ({ stream }) => ({ stream: stream.id })),
    ...families(DETECTION, [detection], () => ({})),
    family('detector_info', 'What runs the inference.', detectorInfo(detection)),
    family('npu_info', 'The NPU that detects, or did until it went down.', npuInfo(detection)),
    family('stage_duration_seconds', 'What the last frames took in a stage of detection, as percentiles.', stageSamples(detection)),
    ...families(PROCESS, processes, ({ title }) => ({ process: title.replace(/^headcount: /, '') })),
    family('ring_bytes', 'Memory of all rings.', [{ value: ringBytes }]),
  ]
}

/** One family for each column, with one sample for each thing. */
function families<Thing>(columns: readonly Column<Thing>[], things: readonly Thing[], labels: (thing: Thing) => Labels): MetricFamily[] {
  return columns.map(([name, help, value]) => {
    const samples = things.map((thing) => ({ labels: labels(thing), value: value(thing) }))
    return family(name, help, samples)
  })
}

function family(name: string, help: string, samples: readonly Sample[]): MetricFamily {
  return { name: `headcount_${name}`, type: name.endsWith('_total') ? 'counter' : 'gauge', help, samples }
}

function detectorInfo({ backend, simulated }: Vitals['detection']): Sample[] {
  return backend === null ? [] : [{ labels: { backend, simulated: String(simulated) }, value: 1 }]
}

function npuInfo({ npuFacts }: Vitals['detection']): Sample[] {
  if (npuFacts === null) return []
  const { deviceId, chip, firmwareVersion, libraryVersion, model } = npuFacts
  return [{ labels: { device: deviceId, chip, firmware: firmwareVersion, library: libraryVersion, model }, value: 1 }]
}

function stageSamples({ stages }: Vitals['detection']): Sample[] {
  return Object.entries(stages).flatMap(([stage, { p50Ms, p99Ms }]) => [
    { labels: { stage, percentile: '50' }, value: seconds(p50Ms) },
    { labels: { stage, percentile: '99' }, value: seconds(p99Ms) },
  ])
}

function flag(raised: boolean): number {
  return raised ? 1 : 0
}

function seconds(ms: number | null): number | null {
  return ms === null ? null : ms / 1_000
}

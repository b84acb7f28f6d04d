import { z } from 'zod'
import { crossProblems } from './cross-check.ts'
import { addProblem, id, path } from './fields.ts'
import { streamSchema } from './stream-schema.ts'

const detector = z.strictObject({
  backend: z
    .string()
    .superRefine((text, context) => {
      const known =
        ['auto', 'hailo', 'onnx', 'hog'].includes(text) || (/^null:\d{1,5}$/.test(text) && process.env['HEADCOUNT_TEST'] === '1')
      if (!known) addProblem(context, { problem: 'is not a backend', remedy: 'Write one of auto, hailo, onnx, hog.' })
    })
    .transform((text) => text as 'auto' | 'hailo' | 'onnx' | 'hog' | `null:${number}`)
    .prefault('auto')
    .describe('auto | hailo | onnx | hog; auto: NPU, else an ONNX model if one lies in the models folder, else hog.'),
  model: z
    .union([z.literal('auto'), path])
    .default('auto')
    .describe('Path of a .hef or .onnx file; auto: a HEF for the chip, or the first in the models folder.'),
  devices: z
    .union([z.literal('all'), z.array(z.string().min(1).max(64)).min(1)])
    .default('all')
    .describe('NPUs that may be used, by id; the first that opens is.'),
  scoreThreshold: z.number().min(0).max(1).default(0.3).describe('Boxes with a lower score are dropped, 0 to 1.'),
  iouThreshold: z.number().min(0).max(1).default(0.45).describe('Boxes that overlap more are one, 0 to 1.'),
  batchSize: z.int().min(1).max(16).default(2).describe('Frames a batch; grows by itself under load.'),
  maxBatch: z.int().min(1).max(16).default(16).describe('Largest batch under load.'),
  fallback: z.enum(['none', 'cpu']).default('none').describe('cpu: an ONNX model or HOG counts while the NPU is down.'),
  driverReload: z.boolean().default(false).describe('Allow reloading the NPU driver as the last step of recovery.'),
  hog: z
    .strictObject({
      people: z.enum(['auto', 'default', 'daimler']).default('auto').describe('Which of the two trained people detectors.'),
      searchHeight: z
        .union([z.literal('auto'), z.int().min(64).max(4096)])
        .default('auto')
        .describe('Picture height in pixels at which people are searched.'),
      stride: z.int().min(4).max(64).multipleOf(4).default(8).describe('Step of the search window in pixels.'),
      scale: z.number().min(1.01).max(2).default(1.05).describe('Factor between two search sizes.'),
      hitThreshold: z
        .union([z.literal('auto'), z.number().min(-10).max(10)])
        .default('auto')
        .describe('Distance to the classifier plane that counts as a person.'),
    })
    .prefault({}),
})

const mqtt = z.strictObject({
  url: z
    .string()
    .superRefine((text, context) => {
      const url = URL.canParse(text) ? new URL(text) : null
      if (!url || !['mqtt:', 'mqtts:', 'ws:', 'wss:'].includes(url.protocol) || url.hostname === '') {
        addProblem(context, { problem: 'is not the address of a broker', remedy: 'Write mqtt://HOST:1883, or mqtts://, ws:// or wss://.' })
      } else if (url.username !== '' || url.password !== '') {
        addProblem(context, {
          problem: 'holds a login',
          remedy: 'Write the user into mqtt.username and the password into the file of mqtt.passwordFile.',
        })
      }
    })
    .default('mqtt://localhost:1883')
    .describe('mqtt://, mqtts://, ws:// or wss:// address of the broker.'),
  username: z.string().min(1).max(256).optional().describe('User at the broker.'),
  passwordFile: path.optional().describe('File with the password, nothing else in it; or HEADCOUNT_MQTT_PASSWORD in the environment.'),
  ca: path.optional().describe('PEM file of the authority that signed the broker’s certificate.'),
  cert: path.optional().describe('PEM file of our own certificate.'),
  key: path.optional().describe('PEM file of its key.'),
  rejectUnauthorized: z.boolean().default(true).describe('false accepts any certificate: only for a test.'),
  version: z
    .union([z.literal(5), z.literal(4)])
    .default(5)
    .describe('MQTT 5, or 4 for MQTT 3.1.1.'),
  prefix: z
    .string()
    .regex(/^[^\s#+/$]+(\/[^\s#+/]+)*$/u)
    .max(128)
    .default('headcount')
    .describe('First part of every topic.'),
  discovery: z
    .union([z.literal(false), z.string().regex(/^[^\s#+/$]+(\/[^\s#+/]+)*$/u)])
    .default('homeassistant')
    .describe('Home Assistant’s discovery prefix, or false.'),
  heartbeatSeconds: z.int().min(1).max(3_600).default(20).describe('Seconds between repeats of an unchanged state.'),
  allowLocalSources: z.boolean().default(false).describe('May START name file: or v4l2: sources.'),
})

const http = z.strictObject({
  host: z.string().min(1).max(253).default('0.0.0.0').describe('Address to listen on.'),
  port: z.int().min(0).max(65_535).default(8_080).describe('Port to listen on; 0: any free one.'),
  tokenFile: path.default('<state>/token').describe('File with the access token.'),
  tls: z
    .strictObject({ cert: path.describe('PEM file.'), key: path.describe('PEM file.') })
    .optional()
    .describe('Serve HTTPS.'),
  allowedHosts: z
    .union([z.literal('auto'), z.array(z.string().min(1)).min(1)])
    .default('auto')
    .describe('Host names a browser may use for this device.'),
  frameAncestors: z
    .array(z.string().min(1))
    .default([])
    .describe('Pages that may embed ours, for example http://homeassistant.local:8123.'),
  jpegQuality: z.int().min(1).max(100).default(75).describe('1 to 100.'),
  video: z.enum(['on', 'off']).default('on').describe('off is numbers only: no pixel leaves the process tree.'),
  maxViewers: z.int().min(0).max(1_000).default(40).describe('Viewers at the same time; further ones are refused.'),
})

const timeZone = z.string().superRefine((text, context) => {
  if (text === 'auto') return
  try {
    new Intl.DateTimeFormat('en', { timeZone: text })
  } catch (_) {
    addProblem(context, { problem: 'is not a time zone', remedy: 'Write auto or a name like Europe/Berlin.' })
  }
})

/** The whole configuration. `{}` is valid; `<state>/` in paths and `auto` as node are filled in by load.ts. */
export const configSchema = z
  .strictObject({
    version: z.literal(1).default(1).describe('Version of this file’s format.'),
    node: id.default('auto').describe('Name of this device in topics; auto: host name and 4 hex digits of the machine id.'),
    log: z.strictObject({ level: z.enum(['error', 'warn', 'info', 'debug']).default('info').describe('What is logged.') }).prefault({}),
    detector: detector.prefault({}),
    tracking: z
      .strictObject({
        buffer: z.int().min(1).max(600).default(30).describe('Frames a lost track is remembered.'),
        confirmFrames: z.int().min(1).max(30).default(3).describe('Frames before a track counts as a person.'),
      })
      .prefault({}),
    streams: z.array(streamSchema).max(64).default([]).describe('Cameras; none: the Pi camera or the first V4L2 camera.'),
    areas: z
      .array(
        z.strictObject({
          id,
          entrances: z
            .array(z.string().regex(/^[a-z0-9_-]+\/[a-z0-9_-]+$/))
            .min(1)
            .describe('stream/line'),
        }),
      )
      .max(32)
      .default([])
      .describe('People inside = in − out over the entrances.'),
    mqtt: mqtt.prefault({}),
    http: http.prefault({}),
    jobs: z
      .strictObject({
        dir: path.default('<state>/jobs').describe('Folder of uploaded videos and results.'),
        maxUploadMb: z.int().min(1).max(1_000_000).default(2_048).describe('Largest upload in MB.'),
        keepHours: z.number().min(0).max(8_760).default(24).describe('Hours results are kept.'),
        parallel: z.int().min(1).max(8).default(1).describe('Jobs at the same time.'),
      })
      .prefault({}),
    history: z
      .strictObject({
        keepDays: z.int().min(1).max(36_500).default(90).describe('Days crossings and aggregates are kept.'),
        timeZone: timeZone.default('auto').describe('Where "today" begins; auto: that of the system.'),
      })
      .prefault({}),
  })
  .superRefine((config, context) => {
    for (const { path: keys, ...problem } of crossProblems(config)) addProblem(context, problem, [...keys])
  })

/** A configuration with every default filled in. */
export type Config = z.output<typeof configSchema>

import { z } from 'zod'
import { id, path, point, polygon, source } from './fields.ts'

const evenSide = z.int().min(32).max(4096).multipleOf(2)

const zone = z.strictObject({ id, polygon }).meta({ description: 'A named part of the picture with a count of its own.' })

const line = z
  .strictObject({ id, from: point, to: point })
  .meta({ description: 'Counts feet that cross it: in from the + to the − side of cross(to − from, foot − from).' })

/** One entry of `streams`. */
export const streamSchema = z.strictObject({
  id: id.describe('Name in topics, URLs and files.'),
  source: source.describe('libcamera[:name] | v4l2:/dev/video0 | rtsp://… | rtsps://… | file:/path | test'),
  loop: z.boolean().default(false).describe('file: start again at the end; otherwise the stream is offline, reason "end of file".'),
  passwordFile: path.optional().describe('rtsp: file with the password of the user in the URL.'),
  transport: z.enum(['tcp', 'udp']).default('tcp').describe('rtsp: how the pictures travel.'),
  rotate: z
    .union([z.literal(0), z.literal(90), z.literal(180), z.literal(270)])
    .default(0)
    .describe('Degrees clockwise, so that the picture stands upright.'),
  flip: z.enum(['none', 'h', 'v']).default('none').describe('Mirror horizontally or vertically.'),
  frame: z
    .strictObject({
      width: evenSide.default(640).describe('Largest width in pixels, even; the picture is scaled to fit.'),
      height: evenSide.default(480).describe('Largest height in pixels, even.'),
      fps: z.int().min(1).max(120).default(30).describe('Frames a second asked of the source.'),
    })
    .prefault({}),
  detectFps: z.number().min(0.1).max(120).default(30).describe('Inferences a second at most; frames between are tracked.'),
  ring: z
    .strictObject({
      slots: z
        .union([z.literal('auto'), z.int().min(4).max(64)])
        .default('auto')
        .describe('Frames kept in shared memory; auto: by fps and detector time.'),
    })
    .prefault({}),
  device: z.string().min(1).max(64).default('auto').describe('Pins the stream to one NPU.'),
  weight: z.number().min(0.1).max(100).default(1).describe('Share of the detector against other streams.'),
  priority: z.int().min(-10).max(10).default(0).describe('Higher goes first when the detector is busy.'),
  detections: z.boolean().default(false).describe('Publish every box on <stream>/detections.'),
  zones: z.array(zone).max(32).default([]).describe('Named parts of the picture, polygons in fractions 0 to 1.'),
  exclude: z.array(polygon).max(32).default([]).describe('Polygons: feet inside do not count.'),
  masks: z.array(polygon).max(32).default([]).describe('Polygons blackened before anything else sees the picture.'),
  lines: z.array(line).max(32).default([]).describe('Lines to be crossed.'),
  occupancy: z
    .strictObject({
      onAfterMs: z.int().min(0).max(600_000).default(200).describe('Milliseconds somebody must be in view before ON.'),
      offAfterMs: z.int().min(0).max(3_600_000).default(5_000).describe('Milliseconds nobody must be in view before OFF.'),
      minPersons: z.int().min(1).max(1_000).default(1).describe('Persons it takes for ON.'),
    })
    .prefault({}),
})

/** A stream with every default filled in. */
export type StreamConfig = z.output<typeof streamSchema>

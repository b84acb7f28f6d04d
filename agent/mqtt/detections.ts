import type { Track } from '../tracking/track.ts'

/** The topic of a stream's boxes, below the node's. */
export function detectionsTopic(stream: string): string {
  return `${stream}/detections`
}

export interface DetectionsSeen {
  readonly stream: string
  /** When the picture came in, wall time in milliseconds since 1970. */
  readonly ts: number
  readonly tracks: readonly Track[]
  /** Of the picture, in pixels. */
  readonly width: number
  readonly height: number
}

/** What was found in one picture, everything that counts and nothing that is only expected, as `[[x1, y1, x2, y2], class, confidence]` in whole pixels. */
export function detectionsJson({ stream, ts, tracks, width, height }: DetectionsSeen): string {
  const data = tracks
    .filter(({ confirmed, predicted }) => confirmed && !predicted)
    .map(({ x1, y1, x2, y2, classId, score }) => [
      [pixel(x1, width), pixel(y1, height), pixel(x2, width), pixel(y2, height)],
      classId,
      Number(score.toFixed(3)),
    ])
  return JSON.stringify({ stream_id: stream, event: 'detections', ts, data })
}

function pixel(fraction: number, side: number): number {
  return Math.round(Math.min(1, Math.max(0, fraction)) * side)
}

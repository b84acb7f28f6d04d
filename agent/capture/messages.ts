import type { Fault } from '../errors.ts'

/** Where pictures come from, parsed and validated (capture/source.ts). Credentials are apart: they never stand in a log or in argv. */
export type Source =
  | { readonly kind: 'test' }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'v4l2'; readonly device: string }
  | { readonly kind: 'libcamera'; readonly name: string | null }
  | {
      readonly kind: 'rtsp'
      readonly url: string
      readonly user: string | null
      readonly password: string | null
      readonly transport: 'tcp' | 'udp'
    }

/** Agent → capture. */
export type CaptureOrder =
  | {
      readonly type: 'start'
      readonly stream: string
      readonly source: Source
      /** file: start again at the end. */
      readonly loop: boolean
      /** own: a file plays at its own speed; unthrottled: as fast as readers take it (lossless) or as it decodes. */
      readonly pace: 'own' | 'unthrottled'
      readonly rotate: 0 | 90 | 180 | 270
      readonly flip: 'none' | 'h' | 'v'
      readonly frame: { readonly width: number; readonly height: number; readonly fps: number }
      readonly masks: readonly (readonly (readonly [number, number])[])[]
      readonly ringPath: string
      readonly doorbellsPath: string
      readonly parentPid: number
    }
  /** Says what the source gives, without a ring; answered by `caps` or `failed`, then the process ends. */
  | { readonly type: 'probe'; readonly source: Source; readonly parentPid: number }
  | { readonly type: 'stop' }

/** Capture → agent. */
export type CaptureReport =
  /** The pipeline is made and told to play. Frames in the ring are the only sign of life that counts. */
  | { readonly type: 'playing' }
  | { readonly type: 'caps'; readonly width: number; readonly height: number; readonly fps: number; readonly durationMs: number | null }
  /** A file that does not loop has ended. */
  | { readonly type: 'ended' }
  | { readonly type: 'failed'; readonly fault: Fault }

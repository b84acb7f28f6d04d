import { createRequire } from 'node:module'

/** An element of a pipeline: text and boolean properties may be set; numbers pass through float32, enums are ignored. */
export type GstElement = Record<string, unknown>

/** What comes over the bus: the message's type and the fields of its structure. */
export interface BusMessage {
  readonly type: string
  readonly _src_element_name: string
  /** type 'error': GStreamer's text, and where it comes from. */
  readonly message?: string
  readonly debug?: string | null
}

/** A pipeline of gstreamer-superficial. It is never freed: one a process. */
export interface GstPipeline {
  play(): void
  stop(): void
  /** flags 1: flush */
  seek(seconds: number, flags: number): boolean
  /** Seconds, or below 0. */
  queryDuration(): number
  /** Leaks 64 kB a call. */
  findChild(name: string): GstElement | undefined
  /** Calls back for every message until the pipeline is stopped; holds one worker of libuv. */
  pollBus(onMessage: (message: BusMessage) => void): void
}

export interface GStreamer {
  readonly Pipeline: new (launch: string) => GstPipeline
}

/** Loads gstreamer-superficial, which has no types, and with it GStreamer. */
export function loadGStreamer(): GStreamer {
  return createRequire(import.meta.url)('gstreamer-superficial') as GStreamer
}

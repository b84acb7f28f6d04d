import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDoorbells, createRing, type FrameInfo, openRing, type Ring, type RingGeometry } from 'hailort-node/ring'
import { captureEnv } from '../../agent/capture/environment.ts'
import type { CaptureOrder, CaptureReport, Source } from '../../agent/capture/messages.ts'
import { secretsOf } from '../../agent/capture/source.ts'
import { Child } from '../../agent/supervise/child.ts'
import { eventually } from '../support/eventually.ts'

type StartOrder = Extract<CaptureOrder, { type: 'start' }>

export interface CaptureRunOptions {
  readonly ring?: Partial<RingGeometry>
  readonly order?: Partial<StartOrder>
}

const ENTRY = new URL('../../agent/capture/child.js', import.meta.url)
const FRAME = { width: 640, height: 480, fps: 30 }
const REPORT_LIMIT_MS = 60_000

/** A folder that is gone with its scope. */
export class TempFolder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'headcount-capture-'))

  file(name: string): string {
    return join(this.path, name)
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}

/** A real capture process with a ring of its own. */
export class CaptureRun implements AsyncDisposable {
  readonly folder = new TempFolder()
  readonly ring: Ring
  readonly child: Child<CaptureOrder, CaptureReport>
  readonly reports: CaptureReport[] = []

  constructor(source: Source, { ring = {}, order = {} }: CaptureRunOptions = {}) {
    const frame = order.frame ?? FRAME
    const ringPath = this.folder.file('test.ring')
    const doorbellsPath = this.folder.file('doorbells')
    createRing(ringPath, { slotCount: 8, maxWidth: frame.width, maxHeight: frame.height, format: 'I420', mode: 'live', ...ring })
    createDoorbells(doorbellsPath, 2)
    this.ring = openRing(ringPath)
    this.child = new Child(ENTRY, {
      name: 'capture test',
      secrets: secretsOf(source),
      env: captureEnv(this.folder.path),
      onReport: (report) => this.reports.push(report),
    })
    this.child.send({
      ...{ type: 'start', stream: 'test', source, loop: false, pace: 'own', rotate: 0, flip: 'none', frame, masks: [] },
      ...{ ringPath, doorbellsPath, parentPid: process.pid },
      ...order,
    })
  }

  report<Type extends CaptureReport['type']>(type: Type): Promise<Extract<CaptureReport, { type: Type }>> {
    const find = () => this.reports.find((report) => report.type === type)
    return eventually(find, {
      what: `the capture reports "${type}"`,
      withinMs: REPORT_LIMIT_MS,
      log: () => JSON.stringify(this.reports),
    }) as Promise<Extract<CaptureReport, { type: Type }>>
  }

  head(atLeast: number): Promise<true> {
    const log = () => `head ${this.ring.head}, ${JSON.stringify(this.reports)}`
    return eventually(() => this.ring.head >= atLeast, {
      what: `frame ${atLeast} is in the ring`,
      withinMs: REPORT_LIMIT_MS,
      everyMs: 5,
      log,
    })
  }

  /** Takes every frame of a lossless ring in order, up to `most` or the end of the stream. */
  async takeAll(most: number, take: (info: FrameInfo, pixels: Uint8Array) => void | Promise<void>): Promise<void> {
    const pixels = new Uint8Array(this.ring.geometry.maxWidth * this.ring.geometry.maxHeight * 3)
    for (let seq = 1; seq <= most; seq++) {
      if (this.ring.head < seq) await this.head(seq)
      const info = this.ring.readFrame(seq, pixels)
      if (info === null) throw new Error(`frame ${seq} is lost`)
      await take(info, pixels.subarray(0, info.sizeBytes))
      this.ring.release(seq)
      if (info.endOfStream) return
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.child[Symbol.asyncDispose]()
    this.ring.close()
    this.folder[Symbol.dispose]()
  }
}

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { installRoot } from '../../agent/install-root.ts'

export interface RtspCameraOptions {
  /** H.264 in mp4 to play; default: a live test picture. */
  readonly file?: string
  /** Asks for digest authentication. */
  readonly user?: string
  readonly password?: string
  readonly width?: number
  readonly height?: number
  readonly fps?: number
  /** Seconds of video after which no more comes, though the connection stays. */
  readonly stallAfter?: number
}

/** Debian's own: it has GStreamer's bindings (python3-gi, gir1.2-gst-rtsp-server-1.0). */
const PYTHON = '/usr/bin/python3'
const START_LIMIT_MS = 60_000

/** A network camera on a free port of 127.0.0.1; gone with its scope. */
export class RtspCamera implements AsyncDisposable {
  readonly port: number
  readonly #end: () => Promise<void>

  private constructor(port: number, end: () => Promise<void>) {
    this.port = port
    this.#end = end
  }

  static async open({ file, user, password, width, height, fps, stallAfter }: RtspCameraOptions = {}): Promise<RtspCamera> {
    const options = { file, user, password, width, height, fps, 'stall-after': stallAfter }
    const args = Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${String(value)}`]))
    const script = fileURLToPath(new URL('test/support/rtsp-camera.py', installRoot))
    const child = spawn(PYTHON, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
    const gone = new Promise<void>((resolve) => {
      child.once('exit', () => resolve())
    })
    const end = async (): Promise<void> => {
      child.kill('SIGKILL')
      await gone
    }
    try {
      const [line] = (await once(createInterface({ input: child.stdout }), 'line', { signal: AbortSignal.timeout(START_LIMIT_MS) })) as [
        string,
      ]
      return new RtspCamera(Number(line), end)
    } catch (error) {
      await end()
      throw error
    }
  }

  /** Where the picture is; `login` is written into it as it stands. */
  url(login = ''): string {
    return `rtsp://${login === '' ? '' : `${login}@`}127.0.0.1:${this.port}/cam`
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#end()
  }
}

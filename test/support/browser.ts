import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

interface Answer {
  readonly id?: number
  readonly method?: string
  readonly params?: Readonly<Record<string, unknown>>
  readonly result?: Readonly<Record<string, unknown>>
  readonly error?: { readonly message: string }
}

/** A real browser without a window, driven over a pipe (chromedevtools.github.io/devtools-protocol); no port is opened. */
export class Browser implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #profile: string
  readonly #waiting = new Map<number, (answer: Answer) => void>()
  #session: string | undefined
  #lastId = 0
  /** What the page's console and its security policy complained about. */
  readonly complaints: string[] = []

  private constructor(child: ChildProcess, profile: string) {
    this.#child = child
    this.#profile = profile
  }

  /** null: there is no Chromium on this machine. */
  static async open(width: number, height: number): Promise<Browser | null> {
    const program = PLACES.find((path) => existsSync(path))
    if (program === undefined) return null
    const profile = await mkdtemp(join(tmpdir(), 'headcount-browser-'))
    const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run', '--remote-debugging-pipe']
    const child = spawn(program, [...flags, `--user-data-dir=${profile}`, `--window-size=${width},${height}`, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    })
    const browser = new Browser(child, profile)
    browser.#listen(child.stdio[4] as Readable)
    const { targetId } = await browser.#send('Target.createTarget', { url: 'about:blank' })
    const { sessionId } = await browser.#send('Target.attachToTarget', { targetId, flatten: true })
    browser.#session = sessionId as string
    for (const domain of ['Page', 'Runtime', 'Log']) await browser.#send(`${domain}.enable`)
    await browser.#send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: width < 600 })
    return browser
  }

  async goTo(url: string): Promise<void> {
    await this.#send('Page.navigate', { url })
  }

  /** The value of a JavaScript expression in the page; a promise is waited for. */
  async value<Value>(expression: string): Promise<Value> {
    const { result, exceptionDetails } = await this.#send('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true })
    if (exceptionDetails !== undefined) throw new Error(`${expression}: ${JSON.stringify(exceptionDetails)}`)
    return (result as { value: Value }).value
  }

  /** Presses a key, as a person would: Enter, Tab, Escape, or a letter. */
  async press(key: string): Promise<void> {
    const code = { Enter: 13, Tab: 9, Escape: 27, ' ': 32 }[key] ?? key.charCodeAt(0)
    const text = key === 'Enter' ? '\r' : key.length === 1 ? key : undefined
    const parts = { key, windowsVirtualKeyCode: code, ...(text === undefined ? {} : { text }) }
    await this.#send('Input.dispatchKeyEvent', { type: text === undefined ? 'rawKeyDown' : 'keyDown', ...parts })
    await this.#send('Input.dispatchKeyEvent', { type: 'keyUp', key, windowsVirtualKeyCode: code })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = new Promise((resolve) => this.#child.once('exit', resolve))
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill('SIGKILL')
      await gone
    }
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  }

  #send(method: string, params: object = {}): Promise<Readonly<Record<string, unknown>>> {
    this.#lastId += 1
    const id = this.#lastId
    const session = this.#session === undefined ? {} : { sessionId: this.#session }
    ;(this.#child.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, ...session })}\0`)
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ result, error }) => (error === undefined ? resolve(result ?? {}) : reject(new Error(error.message))))
    })
  }

  #listen(answers: Readable): void {
    let text = ''
    answers.setEncoding('utf8').on('data', (chunk: string) => {
      const whole = (text + chunk).split('\0')
      text = whole.pop() ?? ''
      for (const each of whole) this.#take(JSON.parse(each) as Answer)
    })
  }

  #take(answer: Answer): void {
    if (answer.id !== undefined) {
      this.#waiting.get(answer.id)?.(answer)
      this.#waiting.delete(answer.id)
    } else if (answer.method === 'Runtime.exceptionThrown' || answer.method === 'Log.entryAdded') {
      const { level } = (answer.params?.['entry'] ?? {}) as { level?: string }
      // Advice is no complaint.
      if (level !== 'verbose') this.complaints.push(JSON.stringify(answer.params))
    }
  }
}

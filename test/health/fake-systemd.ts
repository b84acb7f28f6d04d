import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { installRoot } from '../../agent/install-root.ts'
import { eventually } from '../support/eventually.ts'

/** What a service has said: who, and the assignments of one message. */
export interface Notice {
  readonly pid: number
  readonly says: Readonly<Record<string, string>>
}

/** The receiving end of a notification socket, as systemd has it. */
export interface FakeSystemd extends AsyncDisposable {
  readonly socket: string
  readonly notices: readonly Notice[]
  /** All values of one name, in order. */
  of(name: string): string[]
  /** Takes no message out of the socket any more, until it is ended. */
  hang(): void
}

/** Listens at a path of its own, or at `@…`, a name without a file. */
export async function fakeSystemd(socket?: string): Promise<FakeSystemd> {
  const dir = await mkdtemp(join(tmpdir(), 'headcount-systemd-'))
  const path = socket ?? join(dir, 'notify')
  const script = fileURLToPath(new URL('test/health/fake-systemd.py', installRoot))
  const child = spawn('/usr/bin/python3', [script, path], { stdio: ['ignore', 'pipe', 'inherit'] })
  const gone = new Promise((resolve) => child.once('exit', resolve))
  const notices: Notice[] = []
  let listens = false
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { pid, text } = JSON.parse(line) as { pid: number; text: string }
    if (listens) notices.push({ pid, says: assignments(text) })
    listens = true
  })
  await eventually(() => listens, { what: 'the fake systemd listens' })
  return {
    socket: path,
    notices,
    of: (name) => notices.flatMap(({ says }) => says[name] ?? []),
    hang: () => child.kill('SIGSTOP'),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await gone
      await rm(dir, { recursive: true, force: true })
    },
  }
}

function assignments(text: string): Record<string, string> {
  const lines = text.split('\n').filter((line) => line !== '')
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]))
}

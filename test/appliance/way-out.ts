import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { Machine } from './machine.ts'

const PORT = 3128

/**
 * A machine's way to the package registries: an HTTP proxy on its loopback that speaks through this host. The machine needs no interface, this
 * host no forwarding, and without it the machine is off the network.
 */
export class WayOut implements AsyncDisposable {
  /** For programs in the machine that shall take it. */
  readonly env: Readonly<Record<string, string>> = {
    http_proxy: `http://127.0.0.1:${PORT}`,
    https_proxy: `http://127.0.0.1:${PORT}`,
    no_proxy: 'localhost,127.0.0.1',
  }
  readonly #folder: string
  readonly #server: Server
  #door: ChildProcess | null = null

  private constructor(folder: string, server: Server) {
    this.#folder = folder
    this.#server = server
  }

  /** Until the machine reboots. */
  static async open(machine: Machine): Promise<WayOut> {
    const folder = await mkdtemp(join(tmpdir(), 'headcount-way-out-'))
    const server = createServer(fetchFor).on('connect', connectFor)
    const socket = join(folder, 'proxy')
    server.listen(socket)
    await once(server, 'listening')
    const wayOut = new WayOut(folder, server)
    // A socket of the file system is reached from every network namespace: a process in the machine's listens there and passes on.
    const door = fileURLToPath(new URL('way-out-child.js', import.meta.url))
    const namespace = `--net=/proc/${await machine.leader()}/ns/net`
    const child = spawn('nsenter', [namespace, process.execPath, door, socket, String(PORT)], { stdio: ['pipe', 'pipe', 'inherit'] })
    wayOut.#door = child
    await Promise.race([
      once(child.stdout, 'data'),
      once(child, 'exit').then(() => Promise.reject(new Error('The proxy in the machine did not start.'))),
    ])
    return wayOut
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#door && this.#door.exitCode === null) {
      this.#door.kill('SIGKILL')
      await once(this.#door, 'exit')
    }
    this.#server.close()
    this.#server.closeAllConnections()
    await rm(this.#folder, { recursive: true, force: true })
  }
}

/** apt's way: the whole address in the request. */
function fetchFor(asked: IncomingMessage, answer: ServerResponse): void {
  const url = asked.url ?? ''
  if (!URL.canParse(url)) {
    answer.writeHead(400).end()
    return
  }
  const onward = request(url, { method: asked.method ?? 'GET', headers: asked.headers }, (got) => {
    answer.writeHead(got.statusCode ?? 502, got.headers)
    got.pipe(answer)
  })
  onward.on('error', () => (answer.headersSent ? answer.destroy() : answer.writeHead(502).end()))
  asked.pipe(onward)
}

/** npm's way: a tunnel. */
function connectFor(asked: IncomingMessage, near: Duplex, head: Buffer): void {
  const { hostname, port } = new URL(`http://${asked.url ?? ''}`)
  const far = connect(Number(port) || 443, hostname, () => {
    near.write('HTTP/1.1 200 Connection established\r\n\r\n')
    far.write(head)
    far.pipe(near).pipe(far)
  })
  // Not destroyed at its close: what is still on its way to the other has to arrive.
  for (const [end, other] of [
    [far, near],
    [near, far],
  ] as const)
    end.on('error', () => other.destroy()).on('close', () => other.end())
}

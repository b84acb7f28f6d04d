import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** A door in front of a TCP port of this machine: while it is shut nobody gets in, and who was in is out. */
export class Gate implements AsyncDisposable {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #open = false

  private constructor(server: Server) {
    this.#server = server
  }

  static async before(port: number): Promise<Gate> {
    const server = createServer()
    const gate = new Gate(server)
    server.on('connection', (outside) => {
      if (gate.#open) gate.#join(outside, connect(port, '127.0.0.1'))
      else outside.destroy()
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return gate
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  open(): void {
    this.#open = true
  }

  shut(): void {
    this.#open = false
    for (const socket of this.#sockets) socket.destroy()
  }

  #join(outside: Socket, inside: Socket): void {
    const ends = [
      [outside, inside],
      [inside, outside],
    ] as const
    for (const [one, other] of ends) {
      this.#sockets.add(one)
      one.setNoDelay(true)
      one.pipe(other)
      // A broker that is killed, and a client that is: both are what we are here for.
      one.on('error', () => undefined)
      one.on('close', () => {
        this.#sockets.delete(one)
        other.destroy()
      })
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.shut()
    const closed = once(this.#server, 'close')
    this.#server.close()
    await closed
  }
}

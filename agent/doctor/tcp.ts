import { connect } from 'node:net'

/** How a TCP connection to a host went: null, or the code of the error, `ETIMEDOUT` after the limit. Nothing is sent. */
export function tcpError(host: string, port: number, limitMs: number): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect({ host, port })
    const limit = setTimeout(() => say('ETIMEDOUT'), limitMs)
    const say = (error: string | null): void => {
      clearTimeout(limit)
      socket.destroy()
      resolve(error)
    }
    socket.once('connect', () => say(null))
    socket.once('error', (error: NodeJS.ErrnoException) => say(error.code ?? error.message))
  })
}

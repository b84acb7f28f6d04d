import { connect } from 'node:net'

const RTSP_PORT = 554
const RTSPS_PORT = 322
const LIMIT_MS = 2_000

/** Whether the host of an RTSP URL answers a connection with a refusal. Nothing is sent. */
export function refusesConnection(url: string): Promise<boolean> {
  const { hostname, port, protocol } = new URL(url)
  const usual = protocol === 'rtsps:' ? RTSPS_PORT : RTSP_PORT
  return new Promise((resolve) => {
    const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? usual : Number(port), timeout: LIMIT_MS })
    const say = (refused: boolean): void => {
      socket.destroy()
      resolve(refused)
    }
    socket.once('connect', () => say(false))
    socket.once('timeout', () => say(false))
    socket.once('error', (error: NodeJS.ErrnoException) => say(error.code === 'ECONNREFUSED'))
  })
}

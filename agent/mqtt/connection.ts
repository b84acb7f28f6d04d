import type { MqttClient } from 'mqtt'
import type { Fault } from '../errors.ts'
import { brokerFault, disconnectFault, TAKEN_OVER } from './broker-faults.ts'

/** How a connection ended. */
export interface ConnectionEnd {
  readonly fault: Fault
  /** Another client has our id: coming back at once would throw that one out. */
  readonly takenOver: boolean
}

/** A connection that held this long was a good one: the next failure is a new one. */
const GOOD_RUN_MS = 30_000

/** How often connecting has failed in a row, for the pause before the next try. Two with one client id come back ever more slowly. */
export function failuresAfter(before: number, { heldMs, takenOver }: { heldMs: number; takenOver: boolean }): number {
  return heldMs > GOOD_RUN_MS && !takenOver ? 1 : before + 1
}

/** Follows one connection, from before it stands, to its end; resolves with why it ended. Nothing of the client is left then. */
export function connectionEnd(client: MqttClient, url: string): Promise<ConnectionEnd> {
  let accepted = false
  let takenOver = false
  let ending: Fault | null = null
  return new Promise((resolve) => {
    client.on('connect', () => {
      accepted = true
    })
    client.on('disconnect', ({ reasonCode }) => {
      takenOver = reasonCode === TAKEN_OVER
      ending = disconnectFault(reasonCode, url)
    })
    client.on('error', (error) => {
      ending ??= brokerFault(error, url)
      client.stream.destroy()
    })
    client.on('close', () => {
      client.end(true)
      const fault = ending ?? (accepted ? disconnectFault(undefined, url) : brokerFault(new Error('it closed the connection'), url))
      resolve({ fault, takenOver })
    })
  })
}

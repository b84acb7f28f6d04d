import type { MqttClient } from 'mqtt'
import type { Fault } from '../errors.ts'
import { brokerFault, disconnectFault } from './broker-faults.ts'

/** Follows one connection, from before it stands, to its end; resolves with why it ended. Nothing of the client is left then. */
export function connectionEnd(client: MqttClient, url: string): Promise<Fault> {
  let accepted = false
  let ending: Fault | null = null
  return new Promise((resolve) => {
    client.on('connect', () => {
      accepted = true
    })
    client.on('disconnect', ({ reasonCode }) => {
      ending = disconnectFault(reasonCode, url)
    })
    client.on('error', (error) => {
      ending ??= brokerFault(error, url)
      client.stream.destroy()
    })
    client.on('close', () => {
      client.end(true)
      resolve(ending ?? (accepted ? disconnectFault(undefined, url) : brokerFault(new Error('it closed the connection'), url)))
    })
  })
}

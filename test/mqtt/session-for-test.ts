import { configSchema } from '../../agent/config/schema.ts'
import { openLog } from '../../agent/log.ts'
import { MqttSession } from '../../agent/mqtt/session.ts'

export interface SessionForTest {
  readonly session: MqttSession
  /** What the session has logged. */
  readonly lines: readonly string[]
}

/** A session of node "door" that tries again quickly. */
export function openSession(mqtt: Record<string, unknown>, password?: string): SessionForTest {
  const lines: string[] = []
  const log = openLog({ level: 'debug', write: (line) => lines.push(line), journal: false })
  const session = MqttSession.open({ mqtt: configSchema.parse({ mqtt }).mqtt, node: 'door', log, password, retryDelayMs: () => 50 })
  return { session, lines }
}

import { maskSecrets } from '../config/secrets.ts'
import type { BrokerProbe } from './broker-probe.ts'
import { type Finding, ok } from './finding.ts'

const CHECK = 'broker'

/** What of mqtt.… in the configuration matters here. */
export interface BrokerConfig {
  readonly url: string
  readonly username?: string | undefined
  readonly rejectUnauthorized: boolean
}

/** Does the broker answer, and let us in? */
export function checkBroker({ url, username, rejectUnauthorized }: BrokerConfig, { fault }: BrokerProbe): readonly Finding[] {
  if (fault !== null) {
    const why = 'Counts reach nobody over MQTT; counting itself goes on, and crossings are delivered later.'
    return [{ check: CHECK, severity: 'failed', what: maskSecrets(fault.message), why, remedy: fault.remedy }]
  }
  const login = ok(CHECK, `${url} lets us in${username === undefined ? ' without a user' : ` as ${username}`}.`)
  const secure = /^(mqtts|wss):/.test(url)
  if (!secure || rejectUnauthorized) return [login]
  const why = 'Anybody between this machine and the broker can read along and take its place.'
  const remedy = 'Name the authority of its certificate in mqtt.ca, and remove mqtt.rejectUnauthorized.'
  return [login, { check: CHECK, severity: 'warning', what: 'The certificate of the broker is not looked at.', why, remedy }]
}

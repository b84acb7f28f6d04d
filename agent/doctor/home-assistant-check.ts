import type { HomeAssistantSeen } from './broker-probe.ts'
import { type Finding, ok } from './finding.ts'

const CHECK = 'home-assistant'
const CONNECT = 'In Home Assistant, Settings > Devices & services > MQTT must name this broker, with discovery on and this prefix.'

/**
 * Does Home Assistant answer at the broker? It says "online" when it starts, but that is not kept by default, so silence is no sign. What
 * is a sign: a word that was kept, and whether anybody listens for devices to discover. null: there is nobody to ask, or it is not wanted.
 */
export function checkHomeAssistant(prefix: string | false, seen: HomeAssistantSeen | null): Finding | null {
  if (prefix === false || seen === null) return null
  const { status, discovered } = seen
  if (discovered === false) {
    const what = `Nobody listens for devices below "${prefix}" at this broker: Home Assistant is not there.`
    const why = 'Without it MQTT works all the same; only nothing shows up there by itself.'
    return { check: CHECK, severity: 'note', what, why, remedy: `${CONNECT} Without a Home Assistant, set mqtt.discovery: false.` }
  }
  if (status === 'offline') {
    const what = 'Home Assistant has said that it is offline.'
    return {
      check: CHECK,
      severity: 'warning',
      what,
      why: 'It shows no counts until it is back.',
      remedy: 'Start it, or look into its log.',
    }
  }
  if (status === 'online') return ok(CHECK, 'Home Assistant has said that it is online.')
  if (discovered) return ok(CHECK, `Somebody listens for devices below "${prefix}", as Home Assistant does.`)
  const what = 'Whether Home Assistant is at this broker cannot be told: it leaves no word, and the broker does not say who listens.'
  return { check: CHECK, severity: 'note', what, why: null, remedy: null }
}

import { AgentError, type Fault, toFault } from '../errors.ts'

/** What the mqtt library adds to an error when the broker itself answered. */
interface BrokerError extends Error {
  readonly code?: string | number
}

/** CONNACK codes of MQTT 3.1.1 and 5 that have a remedy of their own. */
const LOGIN = new Set([4, 5, 134, 135, 138, 140])
const VERSION = new Set([1, 132])
const CLIENT_ID = new Set([2, 133])
/** DISCONNECT, MQTT 5: another client has come with our id. */
export const TAKEN_OVER = 142
const NOT_AUTHORIZED = 135
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS|ERR_SSL|EPROTO|ERR_OSSL/

/** Why there is no session with the broker, and what to do about it. */
export function brokerFault(error: unknown, url: string): Fault {
  if (error instanceof AgentError) return toFault(error)
  const { code, message } = error instanceof Error ? (error as BrokerError) : { code: undefined, message: String(error) }
  if (typeof code === 'number') return refused(code, url)
  if (code !== undefined && CERTIFICATE.test(code)) return insecure(opensslReason(message), url)
  return {
    code: 'BROKER_UNREACHABLE',
    message: `The broker ${url} does not answer: ${reason(code, message)}.`,
    remedy: 'Check mqtt.url and that the broker runs; headcount goes on counting and tries again.',
  }
}

/** An alert of TLS is the broker's word about our certificate; everything else is what we think of the broker's. */
function insecure(reason: string, url: string): Fault {
  const isOurs = /\balert\b/.test(reason)
  return {
    code: 'BROKER_REFUSED',
    message: `No secure connection with the broker ${url}: ${reason}.`,
    remedy: isOurs
      ? 'The broker does not take our certificate: name one that its authority has signed in mqtt.cert, and its key in mqtt.key.'
      : 'Name the certificate of the authority that signed the broker’s in mqtt.ca, and use the host name the certificate is for.',
  }
}

/** What OpenSSL says between its numbers and places in its source. */
function opensslReason(message: string): string {
  return /SSL routines:[^:]*:([^:]+)/.exec(message)?.[1] ?? message.trim()
}

function refused(code: number, url: string): Fault {
  return { code: 'BROKER_REFUSED', message: `The broker ${url} refuses us (${refusal(code)}, code ${code}).`, remedy: refusalRemedy(code) }
}

function refusal(code: number): string {
  if (LOGIN.has(code)) return 'wrong user or password, or no right'
  if (VERSION.has(code)) return 'it does not speak this version of MQTT'
  if (CLIENT_ID.has(code)) return 'it does not take our client id'
  return 'it gives no connection now'
}

function refusalRemedy(code: number): string {
  if (LOGIN.has(code)) return 'Check mqtt.username and the file in mqtt.passwordFile, and the rights of that user at the broker.'
  if (VERSION.has(code)) return 'Set mqtt.version to 4.'
  if (CLIENT_ID.has(code)) return 'Choose a shorter node name, or allow this client id at the broker.'
  return 'Look into the broker’s log; headcount tries again.'
}

function reason(code: string | undefined, message: string): string {
  switch (code) {
    case 'ECONNREFUSED':
      return 'nothing listens there'
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'its name is not known'
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'there is no way to it'
    default:
      return message || (code ?? 'no reason given')
  }
}

/** The broker ended the session by itself (MQTT 5 says why). */
export function disconnectFault(reasonCode: number | undefined, url: string): Fault {
  if (reasonCode === TAKEN_OVER) {
    return {
      code: 'BROKER_REFUSED',
      message: `Another client took over our session at ${url}.`,
      remedy: 'Give each headcount its own node name; two with one name throw each other out.',
    }
  }
  return {
    code: 'BROKER_UNREACHABLE',
    message: `The broker ${url} ended the connection.`,
    remedy: 'Check that the broker runs and that no other headcount has this node name; headcount goes on counting and tries again.',
  }
}

/** The broker took the connection but not a message: its access list, or a limit (MQTT 5 says which). */
export function publishFault(topic: string, reasonCode: number, url: string): Fault {
  if (reasonCode === NOT_AUTHORIZED) {
    return {
      code: 'BROKER_REFUSED',
      message: `The broker ${url} does not let us publish ${topic}.`,
      remedy: 'Allow the user of mqtt.username to write below mqtt.prefix (and mqtt.discovery) in the broker’s access list.',
    }
  }
  return {
    code: 'BROKER_REFUSED',
    message: `The broker ${url} does not take ${topic} (code ${reasonCode}).`,
    remedy: 'Look into the broker’s log, and at its limits of size and number of messages.',
  }
}

/** The broker does not let us hear a topic. */
export function subscribeFault(filter: string, url: string): Fault {
  return {
    code: 'BROKER_REFUSED',
    message: `The broker ${url} does not let us subscribe to ${filter}.`,
    remedy: 'Allow the user of mqtt.username to read below mqtt.prefix (and mqtt.discovery) in the broker’s access list.',
  }
}

import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { type Finding, ok } from './finding.ts'
import type { MachineFiles } from './machine-files.ts'

const CHECK = 'port'
const LISTENING = '0A'
const ANSWER_LIMIT_MS = 2_000
const LONGEST_ANSWER = 10_000
const USUAL_FIRST_FREE = 1_024

export interface PortQuestion {
  readonly host: string
  readonly port: number
  readonly tls: boolean
  /** We are the agent that listens there. */
  readonly inside: boolean
  /** Whether root asks, who may take any port. */
  readonly root: boolean
}

/** Is the port of http.port free, or held by a headcount? It is not opened: a service that starts meanwhile must find it free. */
export async function checkPort(files: MachineFiles, { host, port, tls, inside, root }: PortQuestion): Promise<Finding> {
  if (inside) return ok(CHECK, `headcount listens on port ${port}.`)
  if (port === 0) return ok(CHECK, 'Any free port is taken (http.port is 0).')
  const listener = (await listeners(files, port)).find((address) => overlaps(address, host))
  if (listener === undefined) return isAllowed(files, port, root)
  if (await isHeadcount(listener, port, tls)) return ok(CHECK, `Port ${port} is held by headcount itself.`)
  const what = `Port ${port} is held by another program.`
  const remedy = `Set http.port to a free one; "sudo ss -ltnp 'sport = :${port}'" says who has it.`
  return { check: CHECK, severity: 'failed', what, why: 'headcount cannot start its page.', remedy }
}

async function isAllowed(files: MachineFiles, port: number, root: boolean): Promise<Finding> {
  const first = Number((await files.text('/proc/sys/net/ipv4/ip_unprivileged_port_start')) ?? USUAL_FIRST_FREE)
  if (port >= first || root) return ok(CHECK, `Port ${port} is free.`)
  const what = `Port ${port} is only for root (below ${first}).`
  return { check: CHECK, severity: 'failed', what, why: 'headcount cannot start its page.', remedy: 'Set http.port to one above 1023.' }
}

/** Addresses that somebody listens at with this port, by /proc/net/tcp and tcp6 (proc(5)): `any`, one of IPv4, or `other`. */
async function listeners(files: MachineFiles, port: number): Promise<readonly string[]> {
  const tables = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map((path) => files.text(path)))
  return tables.flatMap((table) =>
    (table ?? '').split('\n').flatMap((line) => {
      const [, local = '', , state] = line.trim().split(/\s+/)
      const [address = '', hexPort = ''] = local.split(':')
      return state === LISTENING && Number.parseInt(hexPort, 16) === port ? [shownAddress(address)] : []
    }),
  )
}

/** IPv4 stands there as one number in the byte order of the machine, which is little-endian on all we run on. */
function shownAddress(hex: string): string {
  if (/^0+$/.test(hex)) return 'any'
  const bytes = hex.match(/../g)?.map((pair) => Number.parseInt(pair, 16)) ?? []
  return bytes.length === 4 ? bytes.reverse().join('.') : 'other'
}

function overlaps(address: string, host: string): boolean {
  return address === 'any' || host === '0.0.0.0' || host === '::' || address === host || (host === 'localhost' && address === '127.0.0.1')
}

/** Asks who it is, as anybody may: GET /health. */
function isHeadcount(address: string, port: number, tls: boolean): Promise<boolean> {
  const host = address === 'any' || address === 'other' ? '127.0.0.1' : address
  const options = { host, port, path: '/health', timeout: ANSWER_LIMIT_MS, rejectUnauthorized: false }
  return new Promise((resolve) => {
    const request = (tls ? requestHttps : requestHttp)(options, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => {
        if (text.length < LONGEST_ANSWER) text += part
      })
      response.once('end', () => say(isOurs(text)))
    })
    const limit = setTimeout(() => say(false), ANSWER_LIMIT_MS)
    const say = (ours: boolean): void => {
      clearTimeout(limit)
      request.destroy()
      resolve(ours)
    }
    request.once('error', () => say(false))
    request.end()
  })
}

function isOurs(text: string): boolean {
  try {
    return (JSON.parse(text) as { service?: unknown } | null)?.service === 'headcount'
  } catch (_) {
    return false // Something else than JSON: somebody else.
  }
}

import { isIP } from 'node:net'

/** The host name of a Host header or of an Origin's host: lower case, without port, brackets and final dot. */
export function hostNameOf(host: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(host)
  if (bracketed?.[1] !== undefined) return bracketed[1].toLowerCase()
  return host.replace(/:\d+$/, '').replace(/\.$/, '').toLowerCase()
}

/**
 * Whether a request may call us by this name. A web page can point a name of its own at this machine (DNS rebinding) and would then be
 * "same origin": so only names that nobody else can own are let in, and those the configuration adds.
 */
export function isAllowedHost(host: string, machine: string, allowedHosts: 'auto' | readonly string[]): boolean {
  const name = hostNameOf(host)
  const own = machine.toLowerCase()
  if (isIP(name) !== 0 || name === 'localhost' || name === own || name === `${own}.local` || name === `${own.split('.')[0] ?? own}.local`)
    return true
  return allowedHosts !== 'auto' && allowedHosts.some((allowed) => hostNameOf(allowed) === name)
}

/** Whether the Origin of a request is the page we served ourselves. A proxy may speak TLS for us, so the scheme does not count. */
export function isOwnOrigin(origin: string, host: string): boolean {
  if (!URL.canParse(origin)) return false
  return new URL(origin).host === host.toLowerCase()
}

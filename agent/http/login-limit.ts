import { isIP } from 'node:net'

const WINDOW_MS = 60_000
const MOST_FAILURES = 10
const MOST_ADDRESSES = 1_000

/**
 * Whom an address stands for: an IPv6 host has a whole /64 to choose from, and an IPv4 address is the same one inside an IPv6 one.
 * Anything else stands for itself.
 */
export function neighbourhoodOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  if (isIP(address) !== 6) return address
  const [head = '', tail] = (address.split('%')[0] ?? '').toLowerCase().split('::')
  const groups = (text: string) => text.split(':').filter(Boolean)
  const [left, right] = [groups(head), groups(tail ?? '')]
  // An address without "::" has all its groups on the left.
  const all = [...left, ...Array.from({ length: Math.max(8 - left.length - right.length, 0) }, () => '0'), ...right]
  return `${all
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
}

/** Counts failed logins of each address: after ten in a minute it has to wait the minute out. Time is passed in. */
export class LoginLimit {
  readonly #failures = new Map<string, { count: number; readonly sinceMs: number }>()

  allows(address: string, nowMs: number): boolean {
    const seen = this.#failures.get(neighbourhoodOf(address))
    return seen === undefined || nowMs - seen.sinceMs >= WINDOW_MS || seen.count < MOST_FAILURES
  }

  failed(address: string, nowMs: number): void {
    const seen = this.#failures.get(neighbourhoodOf(address))
    if (seen !== undefined && nowMs - seen.sinceMs < WINDOW_MS) {
      seen.count += 1
      return
    }
    this.#failures.delete(neighbourhoodOf(address))
    for (const oldest of this.#failures.keys()) {
      if (this.#failures.size < MOST_ADDRESSES) break
      this.#failures.delete(oldest)
    }
    this.#failures.set(neighbourhoodOf(address), { count: 1, sinceMs: nowMs })
  }
}

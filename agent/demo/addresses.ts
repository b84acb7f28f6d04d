import { once } from 'node:events'
import { createServer } from 'node:net'
import { networkInterfaces } from 'node:os'

/** `wanted` when nobody listens there, else 0, which takes any free one. */
export async function portOrAny(wanted: number): Promise<number> {
  const server = createServer().listen(wanted, '0.0.0.0')
  const free = await once(server, 'listening').then(
    () => true,
    () => false,
  )
  if (!free) return 0
  server.close()
  await once(server, 'close')
  return wanted
}

/** IPv4 addresses under which other machines reach this one. */
export function lanAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address)
}

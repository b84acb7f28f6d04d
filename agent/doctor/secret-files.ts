import type { Config } from '../config/schema.ts'

/** Files with a secret in them that a configuration names, by their keys. */
export function secretFiles({ http, mqtt, streams }: Config): ReadonlyMap<string, string> {
  const files: readonly (readonly [string, string | undefined])[] = [
    ['http.tokenFile', http.tokenFile],
    ['http.tls.key', http.tls?.key],
    ['mqtt.passwordFile', mqtt.passwordFile],
    ['mqtt.key', mqtt.key],
    ...streams.map(({ id, passwordFile }) => [`passwordFile of stream ${id}`, passwordFile] as const),
  ]
  return new Map(files.filter((entry): entry is readonly [string, string] => entry[1] !== undefined))
}

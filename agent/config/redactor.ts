import { maskSecrets } from './secrets.ts'

/** Shorter ones would be found in every word. */
const SHORTEST = 3

/** Takes secrets out of texts: those that are known in every way they may be written, and all that look like one. */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const all = waysToWrite(secrets)
  return (text) => maskSecrets(withoutThem(text, all))
}

/** Takes only those secrets out that are known. */
export function remover(secrets: readonly string[]): (text: string) => string {
  const all = waysToWrite(secrets)
  return (text) => withoutThem(text, all)
}

/** How secrets may stand in a text, the longest first. */
export function waysToWrite(secrets: readonly string[]): readonly string[] {
  const written = secrets.filter((secret) => secret.trim().length >= SHORTEST).flatMap(waysToWriteOne)
  return [...new Set(written)].sort((a, b) => b.length - a.length)
}

function withoutThem(text: string, written: readonly string[]): string {
  return written.reduce((left, secret) => left.replaceAll(secret, '***'), text)
}

function waysToWriteOne(secret: string): readonly string[] {
  return [
    secret,
    ...[encodeURIComponent(secret), encodeURI(secret), strictlyEncoded(secret), decoded(secret)],
    // Some write the digits of %C3 small.
    strictlyEncoded(secret).replace(/%../g, (digits) => digits.toLowerCase()),
    JSON.stringify(secret).slice(1, -1),
    inStructure(secret),
  ]
}

/** As GLib does it: everything but letters, digits and -._~ (g_uri_escape_string). */
function strictlyEncoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
}

/** As GStreamer writes a text that is a value in a structure: a backslash before each sign, bytes that are no ASCII as octal numbers. */
function inStructure(text: string): string {
  const shown = (byte: number): string => {
    if (byte < 0x20 || byte >= 0x7f) return `\\${byte.toString(8).padStart(3, '0')}`
    const sign = String.fromCharCode(byte)
    return /[\w\-+/:.]/.test(sign) ? sign : `\\${sign}`
  }
  return [...Buffer.from(text)].map(shown).join('')
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (_) {
    return text // Not %-encoded.
  }
}

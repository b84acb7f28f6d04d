import { readFileSync } from 'node:fs'

/** Words that stand where secrets do: none of them may be found anywhere else. */
export const PLANTED = {
  /** In the URL of a camera; the second form is what stands there. */
  url: ['camera url #1 quahog', 'camera%20url%20%231%20quahog'],
  /** In the password file of a camera. */
  file: ['camera-file-periwinkle'],
  /** In the URL of a camera that lets us in. */
  right: ['camera-right-limpet'],
  mqtt: ['broker-word-nautilus'],
  token: ['token-of-32-characters-cowrie-shell'],
  /** In a stream that is sent over HTTP and over MQTT. */
  http: ['sent-over-http-abalone'],
  command: ['sent-over-mqtt-scallop'],
} as const

/** All of them, as they are and in the encodings that the agent itself uses. */
const WORDS: readonly string[] = Object.values(PLANTED).flatMap((forms) =>
  forms.flatMap((word) => [word, Buffer.from(word).toString('base64').replace(/=+$/, '').slice(0, -1)]),
)

/** Which planted words a text holds. */
export function plantedIn(text: string): string[] {
  return WORDS.filter((word) => text.includes(word))
}

/** What anybody on the machine may read of a process: its command line and its name. */
export function shownOf(pid: number): string {
  return [read(pid, 'cmdline'), read(pid, 'comm'), read(pid, 'status')].join('\n')
}

/** The environment that a process was given. */
export function environmentOf(pid: number): readonly string[] {
  return read(pid, 'environ')
    .split('\0')
    .filter((variable) => variable !== '')
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return '' // It has ended.
  }
}

import { closeSync } from 'node:fs'
import koffi from 'koffi'

// sys/socket.h, sys/un.h
const AF_UNIX = 1
const SOCK_DGRAM_CLOEXEC = 2 | 0o2_000_000
const MSG_DONTWAIT_NOSIGNAL = 0x40 | 0x4000
const LONGEST_PATH_BYTES = 107

type SendTo = (fd: number, message: Buffer, length: number, flags: number, address: Buffer, addressLength: number) => number

/** What systemd told a service about talking to it: sd_notify(3), sd_watchdog_enabled(3). */
export interface NotifyAddress {
  /** A path, or `@` and a name without a file. */
  readonly socket: string
  /** It ends the service when it hears no WATCHDOG=1 for this long; null: it does not watch. */
  readonly watchdogMs: number | null
}

/**
 * Takes systemd's variables out of `env`, so that no child of ours can speak in our name. null: nobody wants to hear of us, or the variables
 * are not for a process like us.
 */
export function takeNotifyAddress(env: NodeJS.ProcessEnv, pid = process.pid): NotifyAddress | null {
  const { NOTIFY_SOCKET: socket = '', WATCHDOG_USEC: usec = '', WATCHDOG_PID: watched = '' } = env
  delete env['NOTIFY_SOCKET']
  delete env['WATCHDOG_USEC']
  delete env['WATCHDOG_PID']
  if (!/^[/@]./.test(socket) || Buffer.byteLength(socket) > LONGEST_PATH_BYTES) return null
  const isForUs = watched === '' || watched === String(pid)
  return { socket, watchdogMs: isForUs && /^[1-9]\d{0,15}$/.test(usec) ? Number(usec) / 1_000 : null }
}

/**
 * The service's end of systemd's notification socket. The protocol is that of sd_notify(3), spoken without libsystemd: its functions wait
 * when systemd does not read, and want the address in the environment for as long as we live.
 */
export class SystemdNotify implements Disposable {
  readonly #fd: number
  readonly #address: Buffer
  readonly #sendTo: SendTo

  private constructor(fd: number, address: Buffer, sendTo: SendTo) {
    this.#fd = fd
    this.#address = address
    this.#sendTo = sendTo
  }

  /** null: the kernel gives us no socket. */
  static open(socket: string): SystemdNotify | null {
    const libc = koffi.load('libc.so.6')
    const makeSocket = libc.func('int socket(int domain, int type, int protocol)') as (...numbers: readonly number[]) => number
    const sendTo = libc.func(
      'long sendto(int fd, const uint8_t *message, size_t length, int flags, const uint8_t *address, uint addressLength)',
    ) as SendTo
    const fd = makeSocket(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0)
    return fd < 0 ? null : new SystemdNotify(fd, socketAddress(socket), sendTo)
  }

  /** Sends assignments (`READY=1`), all in one message. False: systemd has it not, being gone or too busy to read. Never waits. */
  send(assignments: Readonly<Record<string, string>>): boolean {
    const message = Buffer.from(notification(assignments))
    return this.#sendTo(this.#fd, message, message.length, MSG_DONTWAIT_NOSIGNAL, this.#address, this.#address.length) === message.length
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd)
  }
}

/** The text of a message. A line break in a value would begin an assignment of somebody else's making. */
export function notification(assignments: Readonly<Record<string, string>>): string {
  return Object.entries(assignments)
    .map(([name, value]) => `${name}=${value.replace(/\p{Cc}+/gu, ' ')}\n`)
    .join('')
}

/** struct sockaddr_un: the family in the machine's byte order, then the path, or a zero byte and the name. */
function socketAddress(socket: string): Buffer {
  const family = Buffer.from(Uint16Array.of(AF_UNIX).buffer)
  const path = socket.startsWith('@') ? `\0${socket.slice(1)}` : `${socket}\0`
  return Buffer.concat([family, Buffer.from(path)])
}

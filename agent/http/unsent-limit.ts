import type { Socket } from 'node:net'
import koffi from 'koffi'

const IPPROTO_TCP = 6
const TCP_NOTSENT_LOWAT = 25
/** One or two pictures: more would only make the picture of a slow viewer older. */
const UNSENT_BYTES = 128 * 1024

const setsockopt = koffi.load('libc.so.6').func('int setsockopt(int fd, int level, int name, int *value, uint length)') as (
  fd: number,
  level: number,
  name: number,
  value: Int32Array,
  length: number,
) => number

/**
 * Lets the kernel hold little that is not yet on its way. Left alone it queues up to some megabytes, seconds of video: a slow viewer would
 * see the past, and we would not notice that he is slow. Without effect where Node tells no descriptor (TLS).
 */
export function limitUnsent(socket: Socket): void {
  const { _handle: handle } = socket as Socket & { readonly _handle?: { readonly fd?: number } | null }
  const fd = handle?.fd ?? -1
  if (fd >= 0) setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, Int32Array.of(UNSENT_BYTES), Int32Array.BYTES_PER_ELEMENT)
}

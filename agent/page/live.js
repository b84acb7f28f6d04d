// The live picture: one connection at a time, opened again when it breaks.

import { element } from './dom.js'

const RETRY_MS = 3_000

export const live = {
  stream: null,
  broken: false,
  retry: undefined,
  watch(id) {
    if (this.stream === id) return
    this.stream = id
    this.open()
  },
  open() {
    clearTimeout(this.retry)
    const image = element('live')
    // A new address each time: a browser joins two pictures of one address.
    image.src = `/api/streams/${encodeURIComponent(this.stream)}/mjpeg?v=${Date.now()}`
    image.hidden = false
  },
  restart() {
    if (this.stream !== null) this.open()
  },
  stop() {
    clearTimeout(this.retry)
    this.stream = null
    this.broken = false
    const image = element('live')
    image.removeAttribute('src')
    image.hidden = true
  },
  failed() {
    if (this.stream === null) return
    this.broken = true
    clearTimeout(this.retry)
    this.retry = setTimeout(() => this.restart(), RETRY_MS)
  },
}

element('live').addEventListener('error', () => live.failed())
element('live').addEventListener('load', () => {
  live.broken = false
})

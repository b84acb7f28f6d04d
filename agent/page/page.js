// The page of one agent: asks for the streams once a second, shows the chosen one. No state of its own but the choice.

import { flagsOf, npuText } from './detection.js'

const POLL_MS = 1_000
const POLL_HIDDEN_MS = 10_000
const SLOWEST_RETRY_MS = 10_000

const element = (id) => document.getElementById(id)
const show = (id, shown) => {
  element(id).hidden = !shown
}
const say = (id, text) => {
  if (element(id).textContent !== text) element(id).textContent = text
}

// The id of a stream needs no decoding: a-z 0-9 _ -.
let chosen = location.hash.slice(1)
let failures = 0
let timer

async function ask(path, options = {}) {
  return fetch(path, {
    cache: 'no-store',
    signal: AbortSignal.timeout(8_000),
    ...options,
    headers: { Accept: 'application/json', ...options.headers },
  })
}

async function poll() {
  clearTimeout(timer)
  try {
    const response = await ask('/api/streams')
    if (response.status === 401) return showLogin()
    if (!response.ok) throw new Error(`the agent answers ${response.status}`)
    const streams = await response.json()
    // The connection of the picture went with the agent; a browser does not open it again by itself.
    if (failures > 0) live.restart()
    failures = 0
    show('notice', false)
    showStreams(streams)
  } catch {
    failures += 1
    say('notice', 'No connection to the agent. Trying again …')
    show('notice', true)
    showUnknown()
  }
  const pauseMs = document.hidden ? POLL_HIDDEN_MS : Math.min(POLL_MS * 2 ** Math.min(failures, 4), SLOWEST_RETRY_MS)
  // Two may run at once, after a click: only one goes on.
  clearTimeout(timer)
  timer = setTimeout(poll, pauseMs)
}

function showLogin() {
  live.stop()
  show('view', false)
  show('logout', false)
  show('login', true)
  if (chosen === 'wrong-token') loginFault('The token is wrong.')
  element('token').focus()
}

function loginFault(text) {
  say('login-fault', text)
  show('login-fault', true)
}

function showStreams(streams) {
  show('login', false)
  show('view', true)
  show('logout', true)
  show('empty', streams.length === 0)
  show('stream', streams.length > 0)
  const stream = streams.find(({ id }) => id === chosen) ?? streams[0]
  showChoice(streams, stream)
  if (stream === undefined) live.stop()
  else showStream(stream)
}

function showChoice(streams, current) {
  const nav = element('streams')
  nav.hidden = streams.length < 2
  const ids = streams.map(({ id }) => id)
  if (nav.dataset.ids !== ids.join(' ')) {
    nav.dataset.ids = ids.join(' ')
    nav.replaceChildren(...ids.map(choiceButton))
  }
  for (const button of nav.children) button.setAttribute('aria-pressed', String(button.dataset.id === current?.id))
  for (const [index, { personCount }] of streams.entries()) {
    const text = `${ids[index]}: ${personCount ?? 'unknown'}`
    if (nav.children[index].textContent !== text) nav.children[index].textContent = text
  }
}

function choiceButton(id) {
  const button = document.createElement('button')
  button.type = 'button'
  button.dataset.id = id
  button.addEventListener('click', () => {
    chosen = id
    history.replaceState(null, '', `#${id}`)
    poll()
  })
  return button
}

function showStream({ id, running, status, fps, bufferFps, personCount, totalDetections, cpuFallback, fault, video, state }) {
  showCount(personCount)
  say('status', running ? status : 'stopped')
  element('status').className = status
  say('quality', [state.quality ?? 'unknown', state.reason].filter(Boolean).join(': '))
  say('fps', `${fps.toFixed(1)} frames/s`)
  say('buffer-fps', `${bufferFps.toFixed(1)} frames/s`)
  say('backend', state.backend ?? 'unknown')
  say('total', String(totalDetections))
  showNpu(state.npu)
  const flags = flagsOf({ status, cpuFallback, state })
  element('flags').replaceChildren(...flags.map((text) => Object.assign(document.createElement('span'), { textContent: text })))
  show('fault', fault !== null)
  if (fault !== null) say('fault', `${fault.message} ${fault.remedy} [${fault.code}]`)
  const reason = whyNoPicture({ running, status, video })
  say('no-picture', reason)
  show('no-picture', reason !== '')
  if (video === null || document.hidden) live.stop()
  else live.watch(id)
}

function whyNoPicture({ running, status, video }) {
  if (video === null) return 'Pictures are switched off (http.video).'
  if (!running) return 'The stream is stopped.'
  if (status === 'offline') return 'No picture: the stream is offline.'
  if (live.broken) return 'The picture does not come: there may be too many viewers. Trying again …'
  return ''
}

function showNpu(npu) {
  const text = npuText(npu)
  say('npu', text)
  show('npu-name', text !== '')
  show('npu', text !== '')
}

function showCount(count) {
  say('count', count === null ? 'unknown' : String(count))
  say('people', count === 1 ? 'person' : 'people')
  show('people', count !== null)
  element('count').classList.toggle('unknown', count === null)
  document.title = `${count ?? '?'} · headcount`
}

// What we cannot ask for, we do not know.
function showUnknown() {
  showCount(null)
  showNpu(null)
  say('quality', 'unknown')
}

const live = {
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
    this.retry = setTimeout(() => this.restart(), 3_000)
  },
}

element('live').addEventListener('error', () => live.failed())
element('live').addEventListener('load', () => {
  live.broken = false
})

element('login').addEventListener('submit', async (event) => {
  event.preventDefault()
  show('login-fault', false)
  try {
    const body = JSON.stringify({ token: element('token').value })
    const response = await ask('/login', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body })
    if (!response.ok) {
      const { message, remedy } = await response.json()
      return loginFault(`${message} ${remedy}`)
    }
    element('token').value = ''
    if (chosen === 'wrong-token') {
      chosen = ''
      history.replaceState(null, '', '/')
    }
    await poll()
  } catch {
    loginFault('No connection to the agent.')
  }
})

element('logout').addEventListener('click', async () => {
  await ask('/logout', { method: 'POST' }).catch(() => undefined)
  await poll()
})

// A page nobody looks at takes no picture.
document.addEventListener('visibilitychange', () => {
  if (document.hidden) live.stop()
  poll()
})

poll()

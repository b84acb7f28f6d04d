// The page of one agent: asks for the streams once a second, shows the chosen one. No state of its own but the choice.

import { showAreas } from './areas.js'
import { showChoice } from './choice.js'
import { forgotten } from './counts.js'
import { flagsOf, npuText } from './detection.js'
import { ask, element, say, show } from './dom.js'
import { live } from './live.js'
import { draw } from './overlay.js'
import { onReset, showPlaces } from './places.js'

const POLL_MS = 1_000
const POLL_HIDDEN_MS = 10_000
const SLOWEST_RETRY_MS = 10_000

// The id of a stream needs no decoding: a-z 0-9 _ -.
let chosen = location.hash.slice(1)
let failures = 0
let timer
// The stream that is shown, as the agent told it last; null: none.
let current = null

async function poll() {
  clearTimeout(timer)
  try {
    const [streamsAnswer, areasAnswer] = await Promise.all([ask('/api/streams'), ask('/api/areas')])
    if (streamsAnswer.status === 401) return showLogin()
    if (!streamsAnswer.ok || !areasAnswer.ok) throw new Error('the agent does not answer as it should')
    const [streams, areas] = await Promise.all([streamsAnswer.json(), areasAnswer.json()])
    // The connection of the picture went with the agent; a browser does not open it again by itself.
    if (failures > 0) live.restart()
    failures = 0
    show('notice', false)
    showStreams(streams)
    showAreas(areas, poll)
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
  current = stream ?? null
  showChoice(streams, stream, choose)
  if (stream === undefined) live.stop()
  else showStream(stream)
  showPlaces(current)
  showOverlay()
}

function choose(id) {
  chosen = id
  history.replaceState(null, '', `#${id}`)
  poll()
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
  showAreas(null, poll)
  if (current === null) return
  current = forgotten(current)
  showPlaces(current)
  showOverlay()
}

function showOverlay() {
  const wanted = element('overlay-toggle').getAttribute('aria-pressed') === 'true'
  const { zones = [], lines = [] } = current?.geometry ?? {}
  show('overlay-toggle', current?.video !== null && zones.length + lines.length > 0)
  draw(wanted ? current : null)
}

element('overlay-toggle').addEventListener('click', ({ currentTarget }) => {
  currentTarget.setAttribute('aria-pressed', String(currentTarget.getAttribute('aria-pressed') !== 'true'))
  showOverlay()
})

// The picture has come, or the window has changed.
new ResizeObserver(showOverlay).observe(element('live'))
onReset(poll)

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

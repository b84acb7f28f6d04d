import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { StreamShown } from '../../agent/http/agent-view.ts'
import { Browser } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { type HandAgent, handAgent, handStream } from '../support/mjpeg-agent.ts'
import { type HandCamera, openHandCamera } from '../support/mjpeg-camera.ts'
import { skip } from '../support/skip.ts'
import { TOKEN } from './hand-app.ts'
import { openWeb } from './hand-web.ts'

const test = suite('page in a browser')

const geometry = {
  zones: [
    {
      id: 'desk',
      polygon: [
        [0.1, 0.1],
        [0.5, 0.1],
        [0.5, 0.5],
        [0.1, 0.5],
      ] as const,
    },
  ],
  lines: [{ id: 'entrance', from: [0.8, 0] as const, to: [0.8, 1] as const }],
}
const zones = { desk: { count: 2, dwellCount: 3, dwellMeanS: 12.4, dwellP90S: 30 } }
const lines = { entrance: { in: 120, out: 80, inToday: 7, outToday: 3 } }

/** A stream with a zone and a line, and what is known of them. */
function counting(state: Readonly<Record<string, unknown>>, personCount: number | null = null): StreamShown {
  return { ...handStream('door'), geometry, personCount, status: 'online', state: { quality: 'live', ...state } }
}

interface Setting {
  readonly agent: HandAgent
  readonly browser: Browser
  readonly camera: HandCamera
  /** Ends the agent's HTTP side. */
  readonly end: () => Promise<void>
  /** The text of an element, and whether somebody could see it. */
  readonly text: (selector: string) => Promise<string>
  readonly seen: (selector: string) => Promise<boolean>
  readonly show: (stream: StreamShown) => void
}

/** Opens the page of an agent in a browser that has logged in; null when this machine has none. */
async function withPage(video: 'on' | 'off', width: number, run: (setting: Setting) => Promise<void>): Promise<void> {
  await using browser = await Browser.open(width, 800)
  if (browser === null) return skip('there is no Chromium')
  await using camera = await openHandCamera()
  const agent = handAgent({ door: () => camera.ring })
  const show = (stream: StreamShown) => {
    agent.streams = () => [stream]
    agent.stream = (id: string) => (id === stream.id ? stream : undefined)
  }
  show(counting({}))
  const web = await openWeb(agent, camera, { video })
  await using _ = web
  await browser.goTo(`http://127.0.0.1:${web.port}/?token=${TOKEN}`)
  const text = (selector: string) => browser.value<string>(`document.querySelector(${JSON.stringify(selector)})?.innerText ?? ''`)
  const seen = (selector: string) =>
    browser.value<boolean>(`document.querySelector(${JSON.stringify(selector)})?.checkVisibility() ?? false`)
  await eventually(() => seen('#stream'), { what: 'the page shows the stream', withinMs: 30_000 })
  await run({ agent, browser, camera, text, seen, show, end: () => web[Symbol.asyncDispose]() })
  assert.equal(browser.complaints, [], 'the browser complains of nothing, the security policy included')
}

test('says "unknown" for everything it does not know, and 0 only where nobody is', async () => {
  await withPage('off', 1_000, async ({ text, show, agent, browser }) => {
    const all = async () => [await text('#count'), await text('#zone-rows'), await text('#line-rows'), await text('#area-list .inside')]
    assert.equal(
      (await all()).map((each) => each.replaceAll(/\s+/g, ' ').trim()),
      ['unknown', 'desk unknown unknown', 'entrance unknown unknown unknown unknown', 'unknown'],
    )
    show(counting({ zones, lines }, 2))
    await agent.setInside('shop', 4, 'test')
    await eventually(async () => (await text('#count')) === '2', { what: 'the count is shown' })
    assert.match(await text('#zone-rows'), /desk\s+2\s+12 s on average, 9 of 10 within 30 s/)
    assert.match(await text('#line-rows'), /entrance\s+7\s+3\s+120\s+80/)
    await eventually(async () => (await text('#area-list .inside')) === '4', { what: 'who is inside is shown' })
    const nobody = { zones: { desk: { count: 0, dwellCount: 0, dwellMeanS: null, dwellP90S: null } } }
    show(counting({ ...nobody, lines: { entrance: { in: 0, out: 0, inToday: 0, outToday: 0 } } }, 0))
    await eventually(async () => (await text('#count')) === '0', { what: 'nobody is shown' })
    assert.match(await text('#zone-rows'), /desk\s+0\s+nobody has left yet/)
    show(counting({ lines: { entrance: { in: null, out: null, inToday: null, outToday: null } } }))
    await eventually(async () => /entrance(\s+unknown){4}/.test(await text('#line-rows')), { what: 'totals that are not known yet' })
    assert.is(await browser.value("document.querySelectorAll('#line-rows tr').length"), 1)
  })
})

test('draws zones and lines over the live picture, where the configuration has them, and takes them away', async () => {
  await withPage('on', 1_000, async ({ browser, camera, show, text, seen }) => {
    const frames = setInterval(() => camera.frame(90, []), 100)
    try {
      show(counting({ zones, lines }, 2))
      const drawn = () => browser.value<string>("document.querySelector('#overlay .zone')?.getAttribute('points') ?? ''")
      // The picture may get its size after the first drawing: then it is drawn again.
      const fits = async () => {
        const { width, height } = await browser.value<{ width: number; height: number }>(
          '(({ clientWidth: width, clientHeight: height }) => ({ width, height }))(document.querySelector("#live"))',
        )
        const expected = geometry.zones[0]?.polygon.map(([x, y]) => `${x * width},${y * height}`).join(' ')
        return width > 100 && height > 100 && (await drawn()) === expected
      }
      await eventually(fits, { what: 'a zone is drawn where it is', withinMs: 30_000 })
      const places = await browser.value<number[]>(
        '["#live", "#overlay"].flatMap((id) => { const { x, y, width, height } = document.querySelector(id).getBoundingClientRect(); return [x, y, width, height] })',
      )
      assert.equal(places.slice(0, 4), places.slice(4), 'the drawing lies on the picture')
      await eventually(async () => (await browser.value<string>("document.querySelector('#overlay').textContent")).includes('desk: 2'), {
        what: 'the count stands in the zone',
      })
      assert.match(await browser.value<string>("document.querySelector('#overlay').textContent"), 'entrance: in 7, out 3')
      await browser.value("document.querySelector('#overlay-toggle').focus()")
      await browser.press('Enter')
      await eventually(async () => (await drawn()) === '', { what: 'nothing is drawn' })
      await browser.press('Enter')
      await eventually(drawn, { what: 'it is drawn again' })
      assert.ok(await seen('#overlay-toggle'))
      assert.is(await text('#no-picture'), '')
    } finally {
      clearInterval(frames)
    }
  })
})

test('resets totals only after a second word, with the keyboard alone', async () => {
  await withPage('off', 1_000, async ({ browser, agent, seen, show, text }) => {
    show(counting({ lines }, 2))
    await browser.value("document.querySelector('#reset-open').focus()")
    await browser.press('Enter')
    await eventually(() => seen('#reset'), { what: 'it asks' })
    await browser.press('Escape')
    await eventually(async () => !(await seen('#reset')), { what: 'it asks no more' })
    assert.equal(agent.orders, [])
    await browser.press('Enter')
    await eventually(() => seen('#reset'), { what: 'it asks again' })
    await browser.value("(() => { const line = document.querySelector('#reset-line'); line.value = 'entrance'; line.focus() })()")
    await browser.press('Tab')
    await browser.press('Enter')
    await eventually(() => agent.orders.length > 0, { what: 'the agent is told' })
    assert.equal(agent.orders, ['reset door/entrance by http'])
    await eventually(async () => (await text('#lines-answer')) !== '', { what: 'it says so' })
    assert.not(await seen('#reset'))
  })
})

test('takes the number of people inside, and says when it is refused', async () => {
  await withPage('off', 1_000, async ({ browser, agent, text }) => {
    await browser.value("document.querySelector('#inside-shop').focus()")
    await browser.press('7')
    // Somebody types while the page asks the agent every second.
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    await browser.press('Enter')
    await eventually(async () => (await text('#area-list .inside')) === '7', { what: 'it is shown' })
    await browser.value("[...document.querySelectorAll('#area-list button')].at(-1).click()")
    await eventually(async () => (await text('#area-list .inside')) === '0', { what: 'the room is empty' })
    assert.equal(agent.orders, ['inside shop 7 by http', 'inside shop 0 by http'])
    assert.is(await text('#area-list .answer'), 'Set to 0.')
  })
})

test('works without pictures on a narrow phone', async () => {
  await withPage('off', 320, async ({ browser, seen, show, text }) => {
    show(counting({ zones, lines }, 2))
    await eventually(async () => (await text('#count')) === '2', { what: 'the count is shown' })
    for (const selector of ['#zone-rows', '#line-rows', '#area-list', '#reset-open']) assert.ok(await seen(selector), selector)
    assert.not(await seen('#overlay-toggle'))
    assert.not(await seen('#live'))
    assert.match(await text('#no-picture'), 'switched off')
    assert.ok(await browser.value<boolean>('document.documentElement.scrollWidth <= innerWidth'), 'nothing sticks out')
  })
})

test('knows nothing any more when the agent is gone', async () => {
  await withPage('off', 1_000, async ({ browser, show, text, end }) => {
    show(counting({ zones, lines }, 2))
    await eventually(async () => /desk\s+2/.test(await text('#zone-rows')), { what: 'the counts are shown' })
    await end()
    await eventually(async () => (await text('#count')) === 'unknown', { what: 'it knows nothing', withinMs: 30_000 })
    assert.match(await text('#zone-rows'), /desk\s+unknown\s+unknown/)
    assert.match(await text('#line-rows'), /entrance(\s+unknown){4}/)
    assert.is(await text('#area-list .inside'), 'unknown')
    assert.match(await text('#notice'), 'No connection')
    // That nobody answers is what the browser complains of.
    browser.complaints.splice(0)
  })
})

test.run()

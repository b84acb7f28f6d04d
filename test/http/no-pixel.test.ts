import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ROUTES } from '../../agent/http/openapi-paths.ts'
import { eventually } from '../support/eventually.ts'
import { handAgent } from '../support/mjpeg-agent.ts'
import { openHandCamera } from '../support/mjpeg-camera.ts'
import { fault, TOKEN } from './hand-app.ts'
import { openWeb } from './hand-web.ts'

const test = suite('no pixel with video off')
const PICTURES = ['/api/camera/stream', '/api/streams/door/mjpeg', '/api/streams/door/snapshot.jpg']
const QUERIES = ['', '?overlay=0', '?width=160&fps=5', '?stream=door&format=csv']
const TYPES = ['image/jpeg', 'multipart/x-mixed-replace', '*/*']

/** Bytes that begin a JPEG, PNG or WebP picture, or a part of MJPEG or MP4. */
function holdsPicture(body: Buffer): boolean {
  const marks = [Buffer.from([0xff, 0xd8, 0xff]), Buffer.from('\x89PNG', 'latin1'), Buffer.from('WEBP'), Buffer.from('ftyp')]
  return marks.some((mark) => body.includes(mark))
}

/** What arrives within a second at most: some bodies never end. */
async function begin(response: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  const reader = response.body?.getReader() as ReadableStreamDefaultReader<Uint8Array> | undefined
  const enough = setTimeout(() => void reader?.cancel(), 300)
  for (let next = await reader?.read(); next?.done === false; next = await reader?.read()) chunks.push(next.value)
  clearTimeout(enough)
  return Buffer.concat(chunks)
}

test('no route gives a picture, whatever it is asked for', async () => {
  await using camera = await openHandCamera()
  camera.frame(90, [])
  await using web = await openWeb(handAgent({ door: () => camera.ring }), camera, { video: 'off' })
  let asked = 0
  for (const { method, path } of ROUTES) {
    for (const query of QUERIES) {
      camera.frame(90, [])
      const url = `http://127.0.0.1:${web.port}${path.replaceAll('{id}', method === 'delete' ? 'nobody' : 'door')}${query}`
      const body = method === 'post' || method === 'patch' ? { body: '{"source":"test"}' } : {}
      const headers = { Authorization: `Bearer ${TOKEN}`, Accept: TYPES[asked % TYPES.length] ?? '', 'Content-Type': 'application/json' }
      const response = await fetch(url, { method: method.toUpperCase(), headers, ...body })
      asked += 1
      const type = response.headers.get('Content-Type') ?? ''
      assert.not.match(type, /^(image\/(?!svg)|video|multipart|application\/octet-stream)/, `${method} ${url} answers ${type}`)
      assert.not(holdsPicture(await begin(response)), `${method} ${url} holds a picture`)
      if (!PICTURES.includes(path.replaceAll('{id}', 'door'))) continue
      assert.is(response.status, 403, url)
    }
  }
  assert.ok(asked > 100)
  assert.is(web.viewers, 0)
})

test('the same routes give pictures when video is on: the search would find one', async () => {
  await using camera = await openHandCamera()
  await using web = await openWeb(handAgent({ door: () => camera.ring }), camera)
  for (const path of PICTURES) {
    const found = await eventually(
      async () => {
        camera.frame(90, [])
        const response = await fetch(`http://127.0.0.1:${web.port}${path}`, { headers: { Authorization: `Bearer ${TOKEN}` } })
        return response.status === 200 && holdsPicture(await begin(response))
      },
      { what: `a picture of ${path}` },
    )
    assert.ok(found)
  }
})

test('says why, and needs the token to say it', async () => {
  await using camera = await openHandCamera()
  await using web = await openWeb(handAgent({ door: () => camera.ring }), camera, { video: 'off' })
  for (const path of PICTURES) {
    const url = `http://127.0.0.1:${web.port}${path}`
    assert.is((await fetch(url)).status, 401)
    const refused = await fetch(url, { headers: { Authorization: `Bearer ${TOKEN}` } })
    assert.is((await fault(refused)).code, 'VIDEO_OFF')
  }
})

test.run()

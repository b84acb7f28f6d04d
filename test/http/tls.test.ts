import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { request } from 'node:https'
import { connect as connectPlain } from 'node:net'
import { text } from 'node:stream/consumers'
import { connect } from 'node:tls'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { HttpServer } from '../../agent/http/server.ts'
import { makeCertificate } from '../support/certificate.ts'
import { skip } from '../support/skip.ts'
import { openApp, TOKEN } from './hand-app.ts'

const test = suite('http over tls')

async function withTls(run: (port: number, ca: Buffer) => Promise<void>): Promise<void> {
  await using files = await makeCertificate()
  if (files === null) return skip('openssl is not installed')
  const { app } = await openApp()
  await using server = await HttpServer.open({ host: '127.0.0.1', port: 0, tls: files, maxConnections: 100, fetch: app.fetch })
  await run(server.port, await readFile(files.cert))
}

/** One request; resolves to status, headers and body. */
async function ask(port: number, ca: Buffer, path: string, headers: Readonly<Record<string, string>> = {}) {
  const asked = request({ host: '127.0.0.1', port, path, ca, headers, agent: false }).end()
  const [response] = (await once(asked, 'response')) as [import('node:http').IncomingMessage]
  return { status: response.statusCode, headers: response.headers, body: await text(response) }
}

test('answers over TLS to whoever trusts its certificate, and to nobody else', async () => {
  await withTls(async (port, ca) => {
    const health = await ask(port, ca, '/health')
    assert.equal([health.status, (JSON.parse(health.body) as { ready: boolean }).ready], [200, true])
    const [error] = (await once(request({ host: '127.0.0.1', port, path: '/health', agent: false }).end(), 'error')) as [
      NodeJS.ErrnoException,
    ]
    assert.match(error.code ?? '', 'SELF_SIGNED')
  })
})

test('sends its cookie back over TLS only', async () => {
  await withTls(async (port, ca) => {
    const login = await ask(port, ca, `/?token=${TOKEN}`)
    const [cookie = ''] = login.headers['set-cookie'] ?? []
    for (const attribute of ['Secure', 'HttpOnly', 'SameSite=Strict', 'Path=/']) assert.match(cookie, attribute)
    assert.is((await ask(port, ca, '/api/streams', { cookie: cookie.split(';')[0] ?? '' })).status, 200)
  })
})

test('speaks no TLS older than 1.2, and no plain HTTP on that port', async () => {
  await withTls(async (port, ca) => {
    const old = connect({ host: '127.0.0.1', port, ca, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' })
    await once(old, 'error')
    const now = connect({ host: '127.0.0.1', port, ca })
    await once(now, 'secureConnect')
    assert.ok(['TLSv1.2', 'TLSv1.3'].includes(now.getProtocol() ?? ''))
    now.destroy()
    const plain = connectPlain(port, '127.0.0.1')
    plain.on('error', () => undefined).write('GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n')
    assert.not.match(await text(plain).catch(() => ''), '200 OK')
  })
})

test.run()

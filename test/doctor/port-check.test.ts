import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Finding } from '../../agent/doctor/finding.ts'
import { MachineFiles } from '../../agent/doctor/machine-files.ts'
import { checkPort, type PortQuestion } from '../../agent/doctor/port-check.ts'
import { type Files, Tree } from '../support/tree.ts'

const QUESTION: PortQuestion = { host: '0.0.0.0', port: 8_080, tls: false, inside: false, root: false }

async function port(question: Partial<PortQuestion>, files: Files = {}): Promise<Finding> {
  await using tree = await Tree.make(files)
  return await checkPort(new MachineFiles(tree.path), { ...QUESTION, ...question })
}

/** What is found of a port that this program answers at. */
async function held(listener: RequestListener): Promise<Finding> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    return await checkPort(new MachineFiles(), { ...QUESTION, port: (server.address() as AddressInfo).port })
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

/** /proc/net/tcp with one socket that listens at port 1, where nobody answers. */
const table = (address: string, state = '0A') =>
  `  sl  local_address rem_address   st tx_queue\n   0: ${address}:0001 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0\n`

const test = suite('doctor: port')

test('a port that nobody listens at is free; one below 1024 is for root', async () => {
  assert.is((await port({})).severity, 'ok')
  assert.is((await port({ port: 0 })).severity, 'ok')
  assert.is((await port({ port: 80 })).severity, 'failed')
  assert.is((await port({ port: 80, root: true })).severity, 'ok')
  assert.is((await port({ port: 80 }, { 'proc/sys/net/ipv4/ip_unprivileged_port_start': '80\n' })).severity, 'ok')
})

test('a port that another program holds fails, one that a headcount answers at does not', async () => {
  const other = await held((_request, response) => response.end('{"service":"other"}'))
  assert.is(other.severity, 'failed')
  assert.match(other.remedy ?? '', 'ss -ltnp')
  assert.is((await held((_request, response) => response.end('<html>'))).severity, 'failed')
  assert.is((await held((_request, response) => response.end('null'))).severity, 'failed')
  assert.is((await held((request) => request.socket.destroy())).severity, 'failed')
  assert.is((await held(() => undefined)).severity, 'failed', 'one that never answers')
  const own = await held((request, response) => response.end(JSON.stringify({ service: request.url === '/health' ? 'headcount' : '' })))
  assert.match(own.what, 'held by headcount itself')
})

test('inside the agent its own port is not tried', async () => {
  assert.match((await port({ inside: true }, { 'proc/net/tcp': table('00000000') })).what, 'headcount listens on port 8080')
})

test('who listens at another address is not in the way', async () => {
  const at = (host: string, files: Files) => port({ host, port: 1, root: true }, files)
  const local = { 'proc/net/tcp': table('0100007F') }
  assert.is((await at('192.0.2.1', local)).severity, 'ok')
  assert.is((await at('127.0.0.1', local)).severity, 'failed')
  assert.is((await at('0.0.0.0', local)).severity, 'failed')
  assert.is((await at('192.0.2.1', { 'proc/net/tcp6': table('0'.repeat(32)) })).severity, 'failed')
  assert.is((await at('0.0.0.0', { 'proc/net/tcp': table('00000000', '01') })).severity, 'ok', 'a connection does not listen')
})

test.run()

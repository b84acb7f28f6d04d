import { createHash } from 'node:crypto'

/** A component of a bill of materials: https://cyclonedx.org/docs/1.5/json/#components */
export interface Component {
  readonly 'bom-ref': string
  readonly type: string
  readonly name: string
  readonly purl: string
  readonly version?: string
  readonly scope?: 'required' | 'optional' | 'excluded'
  readonly description?: string
  readonly hashes?: readonly { readonly alg: 'SHA-512'; readonly content: string }[]
}

interface Dependency {
  readonly ref: string
  readonly dependsOn: readonly string[]
}

/** What of a bill of materials matters here; npm's has more, which stays. */
export interface Bom {
  readonly bomFormat: string
  readonly metadata: { readonly component: Component }
  readonly components: readonly Component[]
  readonly dependencies: readonly Dependency[]
}

/** Where install.sh keeps what, and what it is for. */
const LISTS = [
  { list: 'RUN_PACKAGES', scope: 'required', about: 'Debian package that headcount runs with' },
  { list: 'BUILD_PACKAGES', scope: 'excluded', about: 'Debian package that headcount is built with' },
] as const

/** Debian packages and the Node that install.sh installs. Their versions are those of the machine's archive. Throws where it has no such list. */
export function installed(script: string): readonly Component[] {
  const packages = LISTS.flatMap(({ list, scope, about }) =>
    listIn(script, list).map((name): Component => {
      const purl = `pkg:deb/debian/${encodeURIComponent(name)}`
      return { 'bom-ref': purl, type: 'library', name, purl, scope, description: about }
    }),
  )
  return [...packages, nodeOf(script, 'x64'), nodeOf(script, 'arm64')]
}

function listIn(script: string, list: string): readonly string[] {
  const words = new RegExp(`^readonly ${list}=\\(([^)]*)\\)`, 'm').exec(script)?.[1]
  if (words === undefined) throw new Error(`install.sh has no list ${list}`)
  return words
    .replace(/#.*$/gm, '')
    .split(/\s+/)
    .filter((word) => word !== '')
}

/** Taken where the machine has none that is new enough; only with this checksum. */
function nodeOf(script: string, arch: 'x64' | 'arm64'): Component {
  const name = `node-linux-${arch}`
  const version = valueIn(script, 'NODE_VERSION')
  const purl = `pkg:npm/${name}@${version}`
  const hashes = [{ alg: 'SHA-512', content: valueIn(script, `SHA512_NODE_${arch.toUpperCase()}`) }] as const
  return {
    'bom-ref': purl,
    type: 'application',
    name,
    version,
    purl,
    scope: 'optional',
    hashes,
    description: 'Node where the machine has none new enough',
  }
}

function valueIn(script: string, name: string): string {
  const value = new RegExp(`^readonly ${name}=(\\S+)`, 'm').exec(script)?.[1]
  if (value === undefined) throw new Error(`install.sh has no ${name}`)
  return value
}

/**
 * npm's bill of materials with what install.sh installs. npm names workspaces by their folders: they get the names of their packages. The
 * serial number follows from what is listed, so that the same release gives the same one.
 */
export function completed<Given extends Bom>(bom: Given, more: readonly Component[]): Given {
  const root = { ...named(bom.metadata.component), type: 'application' }
  const components = [...bom.components.map(named), ...more]
  const dependencies = bom.dependencies.map((entry) =>
    entry.ref === root['bom-ref'] ? { ...entry, dependsOn: [...entry.dependsOn, ...more.map((each) => each['bom-ref'])] } : entry,
  )
  const leaves = more.map((each): Dependency => ({ ref: each['bom-ref'], dependsOn: [] }))
  const digest = createHash('sha256')
    .update(JSON.stringify([root, components]))
    .digest('hex')
  const serialNumber = `urn:uuid:${digest.slice(0, 8)}-${digest.slice(8, 12)}-8${digest.slice(13, 16)}-8${digest.slice(17, 20)}-${digest.slice(20, 32)}`
  return { ...bom, serialNumber, metadata: { ...bom.metadata, component: root }, components, dependencies: [...dependencies, ...leaves] }
}

function named(component: Component): Component {
  const name = /^pkg:npm\/(.+)@[^@]+$/.exec(component.purl)?.[1]
  return name === undefined ? component : { ...component, name: decodeURIComponent(name) }
}

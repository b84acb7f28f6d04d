import { existsSync } from 'node:fs'
import { copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { mustRun } from './host-command.ts'

export type Suite = 'bookworm' | 'trixie'
export type Architecture = 'amd64' | 'arm64'

/** Releases of Debian, by the name that their archive knows. */
export const RELEASES: Readonly<Record<Suite, string>> = { bookworm: 'Debian 12', trixie: 'Debian 13' }

/** Where the machines' files lie: `HEADCOUNT_APPLIANCE_CACHE`, or else `~/.cache/headcount/appliance`; may be deleted whenever no test runs. */
export function cacheFolder(): string {
  return process.env['HEADCOUNT_APPLIANCE_CACHE'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'headcount/appliance')
}

/** What every Debian that somebody installed has, and debootstrap's smallest variant has not. */
const PACKAGES = 'ca-certificates,dbus,iproute2,kmod,libpam-systemd,passwd,procps,sudo,systemd,systemd-sysv,udev'

const DEBOOTSTRAP_LIMIT_MS = 1_800_000

/** Where in a machine the authorities lie that this host trusts beyond the usual ones. */
export const HOST_AUTHORITIES = '/etc/ssl/host-authorities.pem'

/**
 * A bare Debian as a folder, with systemd and without a compiler, Node or GStreamer. Made by debootstrap once, then taken from the cache; nobody may
 * write to it. `HEADCOUNT_DEBIAN_MIRROR` names another mirror than deb.debian.org.
 */
export async function baseRoot(suite: Suite, architecture: Architecture, signal?: AbortSignal): Promise<string> {
  const root = join(cacheFolder(), `${suite}-${architecture}`)
  if (existsSync(root)) return root
  const fresh = `${root}.fresh`
  await rm(fresh, { recursive: true, force: true })
  await mkdir(fresh, { recursive: true })
  const mirror = process.env['HEADCOUNT_DEBIAN_MIRROR'] ?? 'http://deb.debian.org/debian'
  const args = ['debootstrap', `--arch=${architecture}`, '--variant=minbase', `--include=${PACKAGES}`, suite, fresh, mirror]
  await mustRun('nice', args, { limitMs: DEBOOTSTRAP_LIMIT_MS, signal })
  await furnish(fresh, suite, mirror)
  // The last step: a run that was killed leaves nothing that looks whole.
  await rename(fresh, root)
  return root
}

async function furnish(root: string, suite: Suite, mirror: string): Promise<void> {
  const at = (path: string) => join(root, path)
  const sources = [`deb ${mirror} ${suite} main`, `deb ${mirror} ${suite}-updates main`]
  if (mirror.endsWith('/debian')) sources.push(`deb ${mirror}-security ${suite}-security main`)
  await writeFile(at('etc/apt/sources.list'), `${sources.join('\n')}\n`)
  // The disk of a test need not survive a power cut.
  await writeFile(at('etc/dpkg/dpkg.cfg.d/90-appliance-test'), 'force-unsafe-io\n')
  await writeFile(at('etc/hostname'), 'appliance\n')
  await writeFile(at('etc/hosts'), '127.0.0.1 localhost appliance\n::1 localhost\n')
  // Empty: systemd makes one at the first start.
  await writeFile(at('etc/machine-id'), '')
  await rm(at('var/cache/apt/archives'), { recursive: true, force: true })
  await mkdir(at('var/cache/apt/archives/partial'), { recursive: true })
  const authorities = process.env['NODE_EXTRA_CA_CERTS']
  if (authorities) await copyFile(authorities, at(HOST_AUTHORITIES))
}

/** For programs in a machine: those authorities, where this host has any (as behind a proxy that looks into TLS). */
export function authoritiesEnv(): Record<string, string> {
  if (!process.env['NODE_EXTRA_CA_CERTS']) return {}
  return { NODE_EXTRA_CA_CERTS: HOST_AUTHORITIES, NPM_CONFIG_CAFILE: HOST_AUTHORITIES }
}

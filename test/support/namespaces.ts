import { spawnSync } from 'node:child_process'
import { skip } from './skip.ts'

/** A kernel that lets users have namespaces wants to be asked for one of users, too. */
const ROOT = process.getuid?.() === 0 ? '' : 'r'
export const MOUNTS = `-${ROOT}m`
export const NETWORK = `-${ROOT}n`

/** Whether file systems can be mounted that only a child sees; says that the test is skipped when not. */
export function canMount(): boolean {
  return works([MOUNTS, 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], 'no file system of our own can be mounted here')
}

/** Whether a child can have a network of its own, without any address; says that the test is skipped when not. */
export function canLeaveNetwork(): boolean {
  return works([NETWORK, 'true'], 'no network of our own can be had here')
}

function works(args: readonly string[], reason: string): boolean {
  const { status, stderr, error } = spawnSync('unshare', args, { encoding: 'utf8', timeout: 10_000 })
  if (status === 0) return true
  skip(`${reason} (${(error?.message ?? stderr).trim().replace(/\n/g, ' ')})`)
  return false
}

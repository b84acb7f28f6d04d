import { join } from 'node:path'
import { firstFolder } from '../config/folder-list.ts'

export interface Surroundings {
  readonly env: {
    readonly HEADCOUNT_RUNTIME_DIR?: string | undefined
    readonly RUNTIME_DIRECTORY?: string | undefined
    readonly XDG_RUNTIME_DIR?: string | undefined
  }
  readonly uid: number
  readonly exists: (path: string) => boolean
}

/** Where the rings of this user lie when the command line says nothing: HEADCOUNT_RUNTIME_DIR, systemd's folder, or one in tmpfs. */
export function defaultRuntimeFolder({ env, uid, exists }: Surroundings): string {
  const own = env.HEADCOUNT_RUNTIME_DIR
  if (own) return own
  const fromSystemd = firstFolder(env.RUNTIME_DIRECTORY)
  if (fromSystemd) return fromSystemd
  const ofSession = env.XDG_RUNTIME_DIR
  // sudo and cron pass on a folder that is no longer there.
  if (ofSession && exists(ofSession)) return join(ofSession, 'headcount')
  return `/dev/shm/headcount-${uid}`
}

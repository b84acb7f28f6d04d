import { packageVersion } from './commands/version.ts'
import type { Config } from './config/schema.ts'
import { maskSecrets } from './config/secrets.ts'
import type { DetectorOrder } from './engine/messages.ts'
import type { Log } from './log.ts'

export interface Announcement {
  readonly config: Config
  readonly detector: DetectorOrder
  readonly url: string
  readonly streams: readonly { readonly id: string; readonly source: string }[]
}

/** The first lines of the log: what runs, with what, and where to find it. */
export function announce(log: Log, { config, detector, url, streams }: Announcement): void {
  log.info(`headcount ${packageVersion()} runs as ${config.node}`)
  log.info(`Detector: ${detector.backend}${detector.model === null ? '' : `, ${detector.model}`}`)
  for (const { id, source } of streams) log.info(`Stream ${id}: ${shownSource(source)}`)
  log.info(`Page and API: ${url} (token: ${config.http.tokenFile})`)
  log.info(`Broker: ${maskSecrets(config.mqtt.url)}, topics below ${config.mqtt.prefix}/${config.node}`)
}

/** The query of a camera's address may hold a secret under any name. */
function shownSource(source: string): string {
  return maskSecrets(source.replace(/^(rtsps?:\/\/[^?]*)\?.*$/is, '$1?…'))
}

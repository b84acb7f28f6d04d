import { packageVersion } from './commands/version.ts'
import type { Config } from './config/schema.ts'
import { maskSecrets } from './config/secrets.ts'
import type { DetectorOrder } from './engine/messages.ts'
import type { Log } from './log.ts'

export interface Banner {
  readonly config: Config
  readonly detector: DetectorOrder
  readonly url: string
  readonly streams: readonly { readonly id: string; readonly source: string }[]
}

/** The first lines of the log: what runs, with what, and where to find it. */
export function logBanner(log: Log, { config, detector, url, streams }: Banner): void {
  log.info(`headcount ${packageVersion()} runs as ${config.node}`)
  log.info(`Detector: ${detector.backend}${detector.model === null ? '' : `, ${detector.model}`}`)
  for (const { id, source } of streams) log.info(`Stream ${id}: ${shownSource(source)}`)
  log.info(`Page and API: ${url} (token: ${config.http.tokenFile})`)
  log.info(`Broker: ${maskSecrets(config.mqtt.url)}, topics below ${config.mqtt.prefix}/${config.node}`)
}

/** Where a browser on this machine finds the page. A host that listens everywhere is reached by its loopback address. */
export function pageUrl({ host, tls }: Config['http'], port: number): string {
  const shown = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host
  return `http${tls ? 's' : ''}://${shown}:${port}`
}

/** The query of a camera's address may hold a secret under any name. */
function shownSource(source: string): string {
  return maskSecrets(source.replace(/^(rtsps?:\/\/[^?]*)\?.*$/is, '$1?…'))
}

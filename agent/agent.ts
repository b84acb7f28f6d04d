import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { AgentControl } from './agent-control.ts'
import { Announcer } from './announcer.ts'
import { logBanner, pageUrl } from './banner.ts'
import { captureEnv, childEnv, ensureRegistry } from './capture/environment.ts'
import { openSource } from './capture/open-source.ts'
import { packageVersion } from './commands/version.ts'
import { findCameras } from './config/cameras.ts'
import { defaultStreams, type FoundCameras } from './config/default-streams.ts'
import type { LoadedConfig } from './config/load.ts'
import { machineDigits } from './config/places.ts'
import type { Config } from './config/schema.ts'
import { Machine } from './health/machine.ts'
import { serviceFacts } from './health/service-facts.ts'
import { ServiceNotifier } from './health/service-notifier.ts'
import { History } from './history/history.ts'
import { StreamTokens } from './http/stream-tokens.ts'
import { openToken } from './http/token.ts'
import { Web } from './http/web.ts'
import { Ledger } from './ledger.ts'
import { LimitedLog } from './limited-log.ts'
import type { KeptLog, Print } from './log.ts'
import { AreaPublisher } from './mqtt/area-publisher.ts'
import { Commands } from './mqtt/commands.ts'
import { detectionsJson, detectionsTopic } from './mqtt/detections.ts'
import { installationId } from './mqtt/discovery-owner.ts'
import { DiscoveryPublisher } from './mqtt/discovery-publisher.ts'
import { EventDelivery } from './mqtt/event-delivery.ts'
import { crossingEvent, eventJson, incidentEvent, type StreamEvent } from './mqtt/events.ts'
import { Leftovers } from './mqtt/leftovers.ts'
import { StatePublisher } from './mqtt/publisher.ts'
import { MqttSession } from './mqtt/session.ts'
import { StatsPublisher } from './mqtt/stats-publisher.ts'
import { NewsHub } from './news-hub.ts'
import { defaultRuntimeFolder } from './ring/default-folder.ts'
import { RingFiles } from './ring/ring-files.ts'
import { RuntimeFolder } from './ring/runtime-folder.ts'
import { StreamChanges } from './stream-changes.ts'
import { aborted } from './supervise/aborted.ts'
import { CameraFinder } from './supervise/camera-finder.ts'
import type { Flow } from './supervise/capture-run.ts'
import { Detection } from './supervise/detection.ts'
import { detectorOrder } from './supervise/detector-order.ts'
import { detectorsHere } from './supervise/detectors-here.ts'
import { fallbackOrder } from './supervise/fallback-order.ts'
import { Streams } from './supervise/streams.ts'

/** Where a running agent can be reached. */
export interface Whereabouts {
  readonly url: string
  readonly token: string
}

export interface AgentOptions {
  readonly log: KeptLog
  /** Where lines go that capture and engine print; default: stderr. */
  readonly print?: Print | undefined
  /** Aborts: everything that was opened closes, in reverse order. */
  readonly signal: AbortSignal
  /** How the configuration came about: changes made at run time are kept beside it. */
  readonly loaded: LoadedConfig
  /** Where rings go; default: HEADCOUNT_RUNTIME_DIR, systemd's folder, or one in tmpfs. */
  readonly runtimeDir?: string
  /** What the engine inherits, and where an NPU or models are looked for; default: the environment of this process. */
  readonly env?: NodeJS.ProcessEnv
  /** lossless: every frame passes every stage, as fast as it goes. */
  readonly flow?: Flow
  /** How cameras are looked for where no stream is configured; default: in what the kernel says, every ten seconds while there is none. */
  readonly cameras?: { readonly find: () => Promise<FoundCameras>; readonly everyMs?: number }
  readonly onReady?: (where: Whereabouts) => void
}

/** Runs the whole agent until `signal` aborts. What is opened here closes in reverse order, whatever happens. */
export async function runAgent(config: Config, options: AgentOptions): Promise<void> {
  const { log, print, signal, loaded, flow = 'live', env = process.env, cameras = { find: () => findCameras() } } = options
  const runtimeDir = options.runtimeDir ?? defaultRuntimeFolder({ env: process.env, uid: process.getuid?.() ?? 0, exists: existsSync })
  process.title = 'headcount: agent'
  using notifier = new ServiceNotifier({ log, ending: signal })
  const here = await detectorsHere(env)
  const detector = detectorOrder(config, here)
  const token = await openToken(config.http.tokenFile)

  await using folder = await RuntimeFolder.open(runtimeDir)
  if (folder.warning) log.warn(folder.warning)
  using files = RingFiles.open(folder)
  const { cacheDir } = loaded.places
  const registryWarning = await ensureRegistry(cacheDir, signal)
  if (registryWarning) log.warn(registryWarning)

  await using history = await History.open({
    folder: join(loaded.places.stateDir, 'history'),
    ...config.history,
    changed: (fault) => (fault ? log.error(`${fault.message} ${fault.remedy} [${fault.code}]`) : log.info('History is written again')),
    left: (fault) => log.error(`${fault.message} ${fault.remedy} [${fault.code}]`),
  })
  await using session = MqttSession.open({ mqtt: config.mqtt, node: config.node, log, password: process.env['HEADCOUNT_MQTT_PASSWORD'] })
  using commands = new Commands({ topics: session, allowLocalSources: config.mqtt.allowLocalSources, log })
  const heartbeatMs = config.mqtt.heartbeatSeconds * 1_000
  using publisher = new StatePublisher({ topics: session, heartbeatMs })
  using areaPublisher = new AreaPublisher({ topics: session, heartbeatMs })
  using delivery = new EventDelivery({ topics: session, crossings: history, log })
  const news = new NewsHub()
  const tellNews = (event: StreamEvent) => news.tell({ type: 'event', stream: event.stream, event: eventJson(event) })
  using ledger = new Ledger({
    history,
    areas: config.areas,
    onCommitted: (crossings) => {
      delivery.wake()
      for (const crossing of crossings) tellNews(crossingEvent(crossing))
    },
    onIncident: (stream, incident) => tellNews(delivery.tell(incidentEvent(stream, incident))),
    onChange: () => announcer.announceAll(),
  })
  const defaults = config.streams.length > 0 ? [] : defaultStreams(await cameras.find())
  const { doorbellsPath } = folder
  await using engine = new Detection({
    detector,
    fallback: fallbackOrder(config, here),
    driverReload: config.detector.driverReload,
    env: childEnv(env),
    doorbellsPath,
    doorbell: files.takeDoorbell(),
    log,
    print,
    ending: signal,
    onFrames: (frames, epoch) => streams.see(frames, epoch),
    onChange: () => streams.engineChanged(),
    onEnded: (stream) => log.info(`stream ${stream}: the end of the file has passed the detector`),
  })
  const viewersDoorbell = files.takeDoorbell()
  await using streams = new Streams(
    {
      files,
      engine,
      doorbellsPath,
      viewersDoorbell,
      captureEnv: captureEnv(cacheDir),
      flow,
      log,
      print,
      ending: signal,
      onChange: (stream) => announcer.announce(stream),
      onEvents: (stream, events) => ledger.record(stream.id, events),
      onDetections: (seen) => session.pass(detectionsTopic(seen.stream), detectionsJson(seen)),
      openSource,
    },
    // Time has passed: ages grow, a silent engine is noticed.
    () => {
      announcer.announceAll()
      engine.watch(streams.all)
    },
  )
  const announcer = new Announcer({ areas: config.areas, streams, engine, ledger, publisher, areaPublisher, news })
  const configured = () => streams.all.map(({ config: stream }) => stream)
  const changes = new StreamChanges({ loaded, defaults, streams })
  const control = new AgentControl({
    loaded,
    changes,
    areas: config.areas,
    streams,
    engine,
    history,
    ledger,
    news,
    announcer,
    log,
    captureEnv: captureEnv(cacheDir),
    httpPort: () => web.port,
  })
  const machine = new Machine({ stateDir: loaded.places.stateDir, runtimeDir })
  const stats = async () => ({ ts: Date.now(), machine: await machine.now(), vitals: await control.vitals(), historyFault: history.fault })
  using _stats = new StatsPublisher({ topics: session, read: stats })
  const streamTokens = await StreamTokens.open(loaded.places.stateDir)
  if (streamTokens.warning) log.warn(streamTokens.warning)
  using bugs = new LimitedLog({ log, about: 'requests that failed' })
  await using web = await Web.open(control, {
    ...config.http,
    tls: config.http.tls ?? null,
    token,
    streamTokens,
    doorbells: files.doorbells,
    viewersDoorbell,
    onBug: (error) => bugs.error('A request failed for a reason nobody foresaw', { error: error instanceof Error ? error.stack : error }),
  })
  for (const stream of [...config.streams, ...defaults]) streams.add(stream)
  await using _finder = new CameraFinder({ streams: changes, ...cameras, log })
  // Now that all are there: a command finds the stream it names, and what is not one of theirs is judged to be left over.
  using _obeying = commands.obey(control)
  using _leftovers = new Leftovers({ topics: session, streams: configured, areas: config.areas, afterMs: heartbeatMs })
  using _discovery = new DiscoveryPublisher({
    topics: session,
    facts: {
      discovery: config.mqtt.discovery,
      prefix: config.mqtt.prefix,
      node: config.node,
      version: packageVersion(),
      installation: installationId(machineDigits(64), loaded.places.stateDir),
      npu: detector.backend === 'hailo',
      areas: config.areas,
      published: new Set(['zones', 'lines', 'areas', 'events']),
    },
    streams: configured,
    repeatStates: () => {
      publisher.repeatAll()
      areaPublisher.repeatAll()
    },
  })

  const url = pageUrl(config.http, web.port)
  logBanner(log, { config, detector, url, streams: streams.all.map(({ config: { id, source } }) => ({ id, source })) })
  options.onReady?.({ url, token })
  notifier.watch(() => serviceFacts({ streams: streams.all, engine, faults: [session.fault, history.fault] }))
  await aborted(signal)
  log.info('Ending')
}

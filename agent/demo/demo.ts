import { type AgentOptions, runAgent, type Whereabouts } from '../agent.ts'
import { findPlaces } from '../config/places.ts'
import type { Config } from '../config/schema.ts'
import { AgentError } from '../errors.ts'
import { type KeptLog, openPrint } from '../log.ts'
import { topicName } from '../mqtt/topics.ts'
import { lanAddresses, portOrAny } from './addresses.ts'
import { DemoBroker } from './broker.ts'
import { findClip, PEDESTRIANS } from './clip.ts'
import { countSentence, watchCount } from './count-watch.ts'
import { DEMO_NODE, demoConfig } from './demo-config.ts'
import { openDemoFolder } from './demo-folder.ts'
import { Screen } from './screen.ts'
import { simulatedNpuEnv } from './simulated-npu.ts'

export interface DemoOptions {
  /** sim: the simulated one. null: detection on the CPU. */
  readonly npu: 'sim' | null
  readonly log: KeptLog
  readonly signal: AbortSignal
}

const WANTED_PORT = 8080

/** Counts the people in a clip through the real thing until `signal` aborts. Leaves nothing but the cached clip. */
export async function runDemo({ npu, log, signal }: DemoOptions): Promise<void> {
  const screen = new Screen(process.stderr)
  const places = findPlaces(process.env)
  const clip = await clipOrNull(screen, places.cacheDir, signal)
  if (signal.aborted) return

  await using folder = await openDemoFolder(process.env)
  await using broker = await DemoBroker.start({ folder: folder.brokerDir, env: process.env, signal })
  const loaded = demoConfig({
    clip,
    backend: npu === null ? 'hog' : 'hailo',
    brokerUrl: broker.url,
    httpPort: await portOrAny(WANTED_PORT),
    places: { ...places, stateDir: folder.stateDir },
  })
  const { config } = loaded
  const stream = config.streams[0]?.id ?? ''
  const countTopic = topicName(config.mqtt.prefix, DEMO_NODE, `${stream}/count`)
  const onCount = (count: string) => {
    if (!signal.aborted) screen.change(countSentence(count))
  }
  await using _ = await watchCount({ url: broker.url, topic: countTopic, onCount, signal })

  const brokerGone = new AbortController()
  void broker.exited.then(() => brokerGone.abort())
  await runOnSomePort(config, {
    log: screen.sharing(log),
    print: screen.sharingPrint(openPrint()),
    signal: AbortSignal.any([signal, brokerGone.signal]),
    loaded,
    runtimeDir: folder.runtimeDir,
    env: npu === null ? process.env : simulatedNpuEnv(process.env, folder.stateDir),
    onReady: (where) => screen.say(invitation(where, broker.port, config.mqtt.prefix)),
  })
  screen.keep()
  if (!signal.aborted)
    throw new AgentError('BROKER_UNREACHABLE', "The demo's own mosquitto has ended.", { remedy: 'Start the demo again.' })
}

/** Somebody else may take the port between our look and the agent's. */
async function runOnSomePort(config: Config, options: AgentOptions): Promise<void> {
  try {
    await runAgent(config, options)
  } catch (error) {
    if (!(error instanceof AgentError) || error.code !== 'PORT_IN_USE') throw error
    await runAgent({ ...config, http: { ...config.http, port: 0 } }, options)
  }
}

async function clipOrNull(screen: Screen, cacheDir: string, signal: AbortSignal): Promise<string | null> {
  const found = await findClip({
    clip: PEDESTRIANS,
    cacheDir,
    dataDir: process.env['HEADCOUNT_TEST_DATA'] ?? null,
    env: process.env,
    onProgress: (thereMb, totalMb) => screen.change(fetchSentence(thereMb, totalMb)),
    signal,
  })
  screen.keep()
  if (found.path === null && !signal.aborted) {
    screen.say(`No clip of people: ${found.reason}\nThe demo plays GStreamer's test picture instead, in which there is nobody.`)
  }
  return found.path
}

/** In steps of five percent, so that a log file stays readable. */
function fetchSentence(thereMb: number, totalMb: number): string {
  const percent = Math.min(100, Math.floor((thereMb / totalMb) * 20) * 5)
  return `Fetching a clip of people once, from Debian's ${PEDESTRIANS.package} (${totalMb.toFixed(0)} MB): ${percent} %`
}

function invitation({ url, token }: Whereabouts, brokerPort: number, prefix: string): string {
  const local = new URL(url)
  const addresses = [local.hostname, ...lanAddresses()].map((host) => `    ${local.protocol}//${host}:${local.port}/?token=${token}`)
  return [
    '',
    'The live picture, to open in a browser:',
    ...addresses,
    'The counts, to paste into another terminal:',
    `    mosquitto_sub -h 127.0.0.1 -p ${brokerPort} -v -t '${prefix}/#'`,
    'Ctrl-C ends the demo.',
    '',
  ].join('\n')
}

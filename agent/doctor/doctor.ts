import { join } from 'node:path'
import type { Backend } from '../engine/messages.ts'
import { AgentError } from '../errors.ts'
import { type DetectorsHere, detectorOrder } from '../supervise/detector-order.ts'
import { detectorsHere } from '../supervise/detectors-here.ts'
import { bounded, type Check } from './bounded.ts'
import { checkBroker } from './broker-check.ts'
import { checkCameras } from './camera-check.ts'
import { checkClock } from './clock-check.ts'
import { checkConfig } from './config-check.ts'
import { checkDisk } from './disk-check.ts'
import { type DoctorOptions, type Examination, thisMachine } from './examination.ts'
import type { Finding } from './finding.ts'
import { checkHistory } from './history-check.ts'
import { checkHomeAssistant } from './home-assistant-check.ts'
import { checkMemory } from './memory-check.ts'
import { examineNpu } from './npu-examination.ts'
import { checkPort } from './port-check.ts'
import { checkPower } from './power-check.ts'
import { checkRights } from './rights-check.ts'
import { secretFiles } from './secret-files.ts'
import { checkService } from './service-check.ts'
import { examineSoftware } from './software-examination.ts'
import { checkTemperature } from './temperature-check.ts'
import { checkTmpfs } from './tmpfs-check.ts'
import { checkWear } from './wear-check.ts'

/** Above the limits that the checks have themselves. */
const LIMIT_MS = 25_000

/**
 * Runs all checks on this machine, with its configuration: at once, each bounded in time, in the order in which a person should read
 * them. Nothing that runs is disturbed. `inside` says that the running agent itself asks. Rejects only when `signal` aborts.
 */
export async function examineThisMachine(
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
  options: DoctorOptions = {},
): Promise<readonly Finding[]> {
  return examine(await thisMachine(env, signal, options))
}

/** Runs all checks. */
export async function examine(examination: Examination): Promise<readonly Finding[]> {
  const { signal } = examination
  const here = await detectorsHere(examination.env, examination.files.at('/dev'))
  const findings = await Promise.all(checksOf(examination, here).map((check) => bounded(check, { limitMs: LIMIT_MS, signal })))
  return findings.flat()
}

function checksOf(examination: Examination, here: DetectorsHere): readonly Check[] {
  const { loaded, root } = examination
  const configuration: Check = { check: 'configuration', find: async () => checkConfig(loaded, root) }
  // Of a configuration that cannot be used nobody knows which broker and which cameras it names.
  const configured = loaded instanceof AgentError ? [] : checksOfConfiguration(examination, here)
  return [configuration, ...checksOfProgram(examination, here), ...configured, ...checksOfMachine(examination)]
}

function checksOfProgram(examination: Examination, here: DetectorsHere): readonly Check[] {
  const { files, env, signal, ask, places, config, mayUse, mayRead, probeNpu, inside } = examination
  const npu = { files, env, signal, wanted: config.detector, hefFolders: here.hefFolders, mayUse, probe: probeNpu, inside: inside !== null }
  return [
    { check: 'service', find: async () => [await checkService(ask)] },
    { check: 'node', find: () => examineSoftware(examination, backendOf(examination, here)) },
    { check: 'rights', find: () => checkRights(files, { stateDir: places.stateDir, secretFiles: secretFiles(config), mayUse, mayRead }) },
    { check: 'npu', find: () => examineNpu(npu) },
  ]
}

function checksOfConfiguration(examination: Examination, here: DetectorsHere): readonly Check[] {
  const { files, cameras, mayUse, mayRead, config, inside, root, runtimeDir, streams, askDisk } = examination
  const { http } = config
  const port = { host: http.host, port: inside?.port ?? http.port, tls: http.tls !== undefined, inside: inside !== null, root }
  const rings = { runtimeDir, streams, backend: backendOf(examination, here), ask: askDisk }
  return [
    { check: 'camera', find: () => checkCameras(files, cameras, { mayUse, mayRead }) },
    { check: 'broker', find: () => examineBroker(examination) },
    { check: 'port', find: async () => [await checkPort(files, port)] },
    { check: 'tmpfs', find: async () => [await checkTmpfs(files, rings)] },
  ]
}

async function examineBroker({ env, signal, config, askBroker }: Examination): Promise<readonly Finding[]> {
  const { mqtt, node } = config
  const probe = await askBroker({ mqtt, node, password: env['HEADCOUNT_MQTT_PASSWORD'], signal })
  return [...checkBroker(mqtt, probe), ...present(checkHomeAssistant(mqtt.discovery, probe.homeAssistant))]
}

function checksOfMachine({ files, places, askDisk, ask, nowMs, installedMs, vcgencmd }: Examination): readonly Check[] {
  return [
    { check: 'disk', find: async () => [await checkDisk(files, places.stateDir, askDisk)] },
    { check: 'history', find: () => checkHistory(files, join(places.stateDir, 'history')) },
    { check: 'wear', find: () => checkWear(files) },
    { check: 'memory', find: () => checkMemory(files) },
    { check: 'clock', find: async () => [await checkClock(files, { ask, nowMs, installedMs })] },
    { check: 'temperature', find: async () => present(await checkTemperature(files)) },
    { check: 'power', find: async () => present(await checkPower(files, vcgencmd)) },
  ]
}

/** What would count people here. A model that is missing is told by the agent when it starts; until then HOG is as good a guess. */
function backendOf({ config }: Examination, here: DetectorsHere): Backend {
  try {
    return detectorOrder(config, here).backend
  } catch (error) {
    if (error instanceof AgentError) return 'hog'
    throw error
  }
}

function present(finding: Finding | null): readonly Finding[] {
  return finding === null ? [] : [finding]
}

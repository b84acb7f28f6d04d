import * as assert from 'uvu/assert'
import { BrokerWatch } from '../broker-watch.ts'
import { CLONE, copyCheckout } from '../checkout.ts'
import { watchClip } from '../counting-config.ts'
import { type Given, type Scenario, secondsSince } from '../scenario.ts'
import { doctor, serviceRuns } from '../service.ts'
import { WayOut } from '../way-out.ts'

const INSTALL_LIMIT_MS = 2_700_000

/** A bare Debian whose owner has a broker on it. */
async function installFresh({ machine, source, tell }: Given): Promise<number> {
  await copyCheckout(source, machine)
  await machine.boot()
  await using wayOut = await WayOut.open(machine)
  await machine.must(['apt-get', '-qq', 'update'], { env: wayOut.env, limitMs: 180_000 })
  const apt = ['apt-get', '-qq', '-y', '--no-install-recommends', 'install', 'mosquitto', 'mosquitto-clients']
  await machine.must(apt, { env: { ...wayOut.env, DEBIAN_FRONTEND: 'noninteractive' }, limitMs: 180_000 })
  await machine.must(['systemctl', 'enable', '--now', 'mosquitto'])

  const fromMs = performance.now()
  await machine.must(['sh', '-c', `cd ${CLONE} && ./install.sh`], { env: wayOut.env, limitMs: INSTALL_LIMIT_MS, onOutput: tell })
  const seconds = secondsSince(fromMs)
  const state = await serviceRuns(machine, 1_000)
  assert.is(state.NRestarts, 0)
  await expectNoCamera(machine)
  return seconds
}

async function expectNoCamera(machine: Given['machine']): Promise<void> {
  await using watch = await BrokerWatch.open(machine)
  await watch.until('camera/status', (payload) => payload === 'offline')
  await watch.until('camera/count', (payload) => payload === 'unknown')
  assert.not(watch.heard.some(({ topic, payload }) => topic.endsWith('/camera/count') && payload !== 'unknown'))
  const findings = await doctor(machine)
  const told = findings.find(({ check, severity }) => check.includes('camera') && severity !== 'ok')
  assert.ok(told, `doctor says nothing of a camera: ${JSON.stringify(findings)}`)
}

/** The detector of a machine without NPU and model finds nobody in a test picture, and knows that. */
async function countFile({ machine }: Given): Promise<number> {
  await watchClip(machine)
  const fromMs = performance.now()
  await machine.boot()
  await using watch = await BrokerWatch.open(machine)
  await watch.untilCounted(null, { withinMs: 90_000 })
  await watch.until('door/count', (text) => /^\d+$/.test(text), { withinMs: 5_000 })
  return secondsSince(fromMs)
}

export const installScenarios: readonly Scenario[] = [
  {
    title: 'Fresh installation on a bare Debian without a camera: active (running), the stream offline, the count unknown, doctor says why',
    until: 'install.sh was done',
    limitMs: INSTALL_LIMIT_MS + 600_000,
    from: 'bare',
    isBase: true,
    run: installFresh,
  },
  {
    title: 'A `file:` source in the configuration, the detector of its own choice: a count on MQTT',
    until: 'the count, from switching the machine on',
    limitMs: 180_000,
    from: 'installed',
    run: countFile,
  },
]

import { chown, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ScriptedBox } from 'hailort-node/simulated-hef'
import { SimulatedNpu, STANDING } from '../support/simulated-npu.ts'
import { mustRun } from './host-command.ts'
import type { Machine } from './machine.ts'

/** What the scripted NPU sees in every picture. */
export const PEOPLE = STANDING.length

/** Somebody who walks over the line `entrance` from left to right behind them, goes, and comes again. */
const PASSING: readonly (readonly ScriptedBox[])[] = [
  ...Array.from({ length: 24 }, (_, step): ScriptedBox[] => {
    const x = 0.05 + (0.85 * step) / 23
    return [...STANDING, [x - 0.04, 0.63, x + 0.04, 0.86, 0.9, 0]]
  }),
  ...Array.from({ length: 30 }, () => STANDING),
]

/** Where the clip lies in a machine: the service sees neither /home nor /tmp. */
export const CLIP = '/srv/headcount-test/clip.avi'

const MODEL = '/srv/headcount-test/people.hef'

/** Puts a configuration into a machine as a person would leave it: root's, readable by the service's group. */
export async function configure(machine: Machine, text: string): Promise<void> {
  await machine.write('etc/headcount/config.yaml', text, 0o640)
  const group = /^headcount:[^:]*:(\d+):/m.exec(await readFile(machine.at('etc/group'), 'utf8'))?.[1]
  await chown(machine.at('etc/headcount/config.yaml'), 0, Number(group))
}

const STREAM = `streams:
  - { id: door, source: 'file:${CLIP}', loop: true, lines: [{ id: entrance, from: [0.5, 0], to: [0.5, 1] }] }
mqtt: { heartbeatSeconds: 1 }
`

/** One stream from a clip, with the detector that this machine takes of its own accord. */
export async function watchClip(machine: Machine): Promise<void> {
  await writeClip(machine)
  await configure(machine, STREAM)
}

/**
 * The same, with an NPU (the simulator that is installed with headcount) that sees the same PEOPLE in every picture, on request with somebody
 * passing now and then.
 */
export async function watchScript(machine: Machine, { passing = false } = {}): Promise<void> {
  await watchClip(machine)
  await configure(machine, `${STREAM}detector: { backend: hailo, model: ${MODEL} }\n`)
  await using npu = await SimulatedNpu.make()
  const detector = { kind: 'script', frames: passing ? PASSING : [STANDING] } as const
  await machine.copyIn(await npu.hef('people', { detector }), MODEL)
  // The simulator's lock lies beside its control file, so the service has to write there.
  await machine.write('etc/tmpfiles.d/headcount-test.conf', 'd /run/headcount-test 0755 headcount headcount -\n')
  const library = '/opt/headcount/current/native/build/Release/libhailort-sim.so'
  const lines = ['[Service]', `Environment=HAILORT_LIB=${library} HAILORT_SIM_CONTROL=/run/headcount-test/npu.json`]
  await machine.write(
    'etc/systemd/system/headcount.service.d/simulated-npu.conf',
    `${lines.join('\n')}\nReadWritePaths=/run/headcount-test\n`,
  )
}

/** Ten seconds of GStreamer's test picture, made on this host: a machine has only what headcount installs there. */
async function writeClip(machine: Machine): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'headcount-clip-'))
  try {
    const clip = join(folder, 'clip.avi')
    const picture = 'video/x-raw,width=640,height=480,framerate=15/1'
    const pipeline = `videotestsrc num-buffers=150 pattern=ball ! ${picture} ! jpegenc ! avimux ! filesink location=${clip}`
    await mustRun('gst-launch-1.0', ['-q', ...pipeline.split(' ')])
    await machine.copyIn(clip, CLIP)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

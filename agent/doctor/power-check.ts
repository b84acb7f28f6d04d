import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { type Finding, ok } from './finding.ts'
import type { MachineFiles } from './machine-files.ts'

const CHECK = 'power'
const VCGENCMD_LIMIT_MS = 2_000
/** https://www.raspberrypi.com/documentation/computers/os.html#get_throttled: what is now, and the same since the start. */
const UNDER_VOLTAGE = 1 << 0
const SLOWED = (1 << 1) | (1 << 2) | (1 << 3)
const SINCE_START = 16
const POWER_REMEDY =
  'Use the power supply made for the board (27 W for a Raspberry Pi 5) with its own cable, and look for USB devices that draw much.'

/** What the firmware of the board says. */
interface Throttled {
  readonly underVoltageNow: boolean
  readonly underVoltageSinceStart: boolean
  /** null, this and the next: not told. */
  readonly slowedNow: boolean | null
  readonly slowedSinceStart: boolean | null
}

/**
 * Does the board get enough power, and stay cool enough? `vcgencmd` is asked only where the firmware says nothing in sysfs; null: not asked.
 * null is answered on machines that say nothing of it.
 */
export async function checkPower(files: MachineFiles, vcgencmd: string | null): Promise<Finding | null> {
  // The sensor last: it knows nothing of heat.
  const throttled = (await fromFirmware(files)) ?? (vcgencmd === null ? null : await fromProgram(vcgencmd)) ?? (await fromSensor(files))
  return throttled && judged(throttled)
}

function judged({ underVoltageNow, underVoltageSinceStart, slowedNow, slowedSinceStart }: Throttled): Finding {
  if (underVoltageNow || underVoltageSinceStart) {
    return {
      check: CHECK,
      severity: underVoltageNow ? 'failed' : 'warning',
      what: underVoltageNow ? 'The board gets too little voltage now.' : 'The board got too little voltage since it was started.',
      why: 'Cameras and the NPU drop out without another sign, and the processor is slowed down.',
      remedy: POWER_REMEDY,
    }
  }
  if (slowedNow || slowedSinceStart) {
    return {
      check: CHECK,
      severity: slowedNow ? 'warning' : 'note',
      what: slowedNow
        ? 'The processor is slowed down by its temperature now.'
        : 'The processor was slowed down by its temperature since the start.',
      why: 'Fewer pictures a second are worked through.',
      remedy: 'Cool it: a heat sink with a fan, and air that can move.',
    }
  }
  return ok(CHECK, slowedNow === null ? 'The board gets enough voltage.' : 'The board gets enough voltage and is not slowed down.')
}

async function fromFirmware(files: MachineFiles): Promise<Throttled | null> {
  const platform = '/sys/devices/platform'
  for (const soc of (await files.names(platform)).filter((name) => name.startsWith('soc'))) {
    for (const firmware of (await files.names(`${platform}/${soc}`)).filter((name) => /^soc.*:firmware$/.test(name))) {
      const throttled = bitsOf(await files.text(`${platform}/${soc}/${firmware}/get_throttled`))
      if (throttled) return throttled
    }
  }
  return null
}

/** The driver raspberrypi-hwmon tells of the voltage alone. */
async function fromSensor(files: MachineFiles): Promise<Throttled | null> {
  for (const name of await files.names('/sys/class/hwmon')) {
    const folder = `/sys/class/hwmon/${name}`
    if ((await files.text(`${folder}/name`)) !== 'rpi_volt') continue
    const alarm = await files.text(`${folder}/in0_lcrit_alarm`)
    if (alarm !== null)
      return { underVoltageNow: alarm === '1', underVoltageSinceStart: alarm === '1', slowedNow: null, slowedSinceStart: null }
  }
  return null
}

async function fromProgram(vcgencmd: string): Promise<Throttled | null> {
  try {
    const { stdout } = await promisify(execFile)(vcgencmd, ['get_throttled'], { timeout: VCGENCMD_LIMIT_MS, killSignal: 'SIGKILL' })
    return bitsOf(/throttled=(0x[0-9a-f]+)/i.exec(stdout)?.[1] ?? null)
  } catch (_) {
    return null // No such program: no Raspberry Pi.
  }
}

/** Hexadecimal, with or without 0x. */
function bitsOf(text: string | null): Throttled | null {
  if (text === null || !/^(0x)?[0-9a-f]{1,8}$/i.test(text)) return null
  const bits = Number.parseInt(text, 16)
  return {
    underVoltageNow: (bits & UNDER_VOLTAGE) !== 0,
    underVoltageSinceStart: (bits & (UNDER_VOLTAGE << SINCE_START)) !== 0,
    slowedNow: (bits & SLOWED) !== 0,
    slowedSinceStart: (bits & (SLOWED << SINCE_START)) !== 0,
  }
}

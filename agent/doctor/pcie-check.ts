import { type Finding, ok } from './finding.ts'
import type { MachineFiles } from './machine-files.ts'
import type { NpuHardware, PciDevice } from './npu-hardware.ts'

const CHECK = 'npu-pcie'
interface Generation {
  readonly generation: number
  /** What a lane carries, without its own overhead. */
  readonly laneMbPerS: number
}

/** By gigatransfers a second of a lane. */
const GENERATIONS: ReadonlyMap<number, Generation> = new Map([
  [2.5, { generation: 1, laneMbPerS: 250 }],
  [5, { generation: 2, laneMbPerS: 500 }],
  [8, { generation: 3, laneMbPerS: 985 }],
  [16, { generation: 4, laneMbPerS: 1_969 }],
])
/** The chips know no faster one. */
const BEST: Generation = { generation: 3, laneMbPerS: 985 }
/** A picture of 640×640 pixels in three colours. */
const FRAME_MB = 1.2288

/** How fast is the link, and does it run on all its lanes? A Raspberry Pi 5 runs it at generation 2 until it is told otherwise. */
export async function checkPcie(files: MachineFiles, { pci }: NpuHardware): Promise<readonly Finding[]> {
  const board = (await files.text('/proc/device-tree/model')) ?? ''
  return pci.flatMap((device) => [checkLink(device, board.includes('Raspberry Pi')), checkLanes(device)].filter((found) => found !== null))
}

/** null: all that both ends have are used, or nobody tells. */
function checkLanes({ address, lanes, mostLanes, portLanes }: PciDevice): Finding | null {
  if (lanes === null || mostLanes === null || portLanes === null) return null
  const possible = Math.min(mostLanes, portLanes)
  if (lanes >= possible) return null
  return {
    check: CHECK,
    severity: 'warning',
    what: `${address} runs on ${lanes} of the ${possible} lanes that both it and its port have.`,
    why: 'A contact is bad, and with it the link is slower than it could be, or drops out.',
    remedy: 'Switch the machine off, take the module out and put it in again, or change the cable.',
  }
}

function checkLink({ address, speed, lanes, mostSpeed, mostLanes }: PciDevice, raspberryPi: boolean): Finding | null {
  const link = generationOf(speed)
  // Some virtual machines do not tell.
  if (link === undefined || lanes === null) return null
  const most = generationOf(mostSpeed) ?? BEST
  const goal = most.generation < BEST.generation ? most : BEST
  const mbPerS = link.laneMbPerS * lanes
  const what = `${address} runs at PCIe generation ${link.generation} on ${lanes} of ${mostLanes ?? lanes} lanes: about ${mbPerS} MB/s.`
  if (link.generation >= goal.generation) return ok(CHECK, what)
  const pictures = (generation: Generation) => Math.floor((generation.laneMbPerS * lanes) / FRAME_MB)
  return {
    check: CHECK,
    severity: 'warning',
    what,
    why: `The link carries at most ${pictures(link)} pictures of 640×640 a second; generation ${goal.generation} would carry ${pictures(goal)}.`,
    remedy: raspberryPi
      ? 'Write the line dtparam=pciex1_gen=3 into /boot/firmware/config.txt and restart.'
      : 'Put the device into a faster slot, or raise the speed of this one in the firmware settings (Raspberry Pi 5: dtparam=pciex1_gen=3 in /boot/firmware/config.txt).',
  }
}

function generationOf(speed: string | null): Generation | undefined {
  return GENERATIONS.get(Number.parseFloat(speed ?? ''))
}

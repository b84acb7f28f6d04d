import type { Architecture, DeviceIdentity } from 'hailort-node/hailort'
import { simulatedHefBytes } from 'hailort-node/simulated-hef'
import { simulatedModels } from 'hailort-node/simulated-models'
import type { Finding } from '../../agent/doctor/finding.ts'
import { MachineFiles } from '../../agent/doctor/machine-files.ts'
import { examineNpu } from '../../agent/doctor/npu-examination.ts'
import type { NpuProbe, ProbeFault } from '../../agent/doctor/npu-probe.ts'
import { checkPower } from '../../agent/doctor/power-check.ts'
import { type Files, Tree } from '../support/tree.ts'

/** A HEF whose header is that of a real one. */
export function hefBytes(name: string): Uint8Array {
  const hef = simulatedModels.get(name)
  if (hef === undefined) throw new Error(`There is no simulated model ${name}`)
  return simulatedHefBytes(hef)
}

/** A Raspberry Pi 5 with a Hailo-8L on which nothing is wrong. */
export const HEALTHY: Files = {
  'dev/hailo0': '',
  'etc/passwd': 'root:x:0:0:root:/root:/bin/bash\n',
  'etc/group': 'root:x:0:\nhailo:x:991:pi\n',
  'usr/share/hailo-models/yolov8s_h8l.hef': hefBytes('yolov8s_h8l.hef'),
  'sys/module/hailo_pci/version': '4.23.0\n',
  'sys/bus/pci/devices/0000:00:00.0/vendor': '0x14e4\n',
  'sys/bus/pci/devices/0001:01:00.0/vendor': '0x1e60\n',
  'sys/bus/pci/devices/0001:01:00.0/current_link_speed': '8.0 GT/s PCIe\n',
  'sys/bus/pci/devices/0001:01:00.0/current_link_width': '1\n',
  'sys/bus/pci/devices/0001:01:00.0/max_link_speed': '8.0 GT/s PCIe\n',
  'sys/bus/pci/devices/0001:01:00.0/max_link_width': '2\n',
  'sys/devices/platform/soc@107c000000/soc@107c000000:firmware/get_throttled': '0\n',
  'sys/module/hailo_pci/parameters/force_desc_page_size': '4096\n',
  'proc/self/smaps': '5555-6666 r-xp 0 08:01 1 /usr/bin/node\nSize: 16 kB\nKernelPageSize:       16 kB\n',
  'proc/device-tree/model': 'Raspberry Pi 5 Model B Rev 1.0\0',
  'proc/1/comm': 'systemd\n',
  'proc/1/cmdline': '/sbin/init\0splash\0',
  'proc/1/fd/0': { linkTo: '/dev/null' },
}

/** HEALTHY without these files and folders. */
export function healthyBut(...without: string[]): Files {
  return Object.fromEntries(Object.entries(HEALTHY).filter(([path]) => !without.some((start) => path.startsWith(start))))
}

/** HailoRT 4.23.0 with one chip that answers. */
export function answering(architecture: Architecture = 'HAILO8L', firmwareVersion = '4.23.0'): NpuProbe {
  const identity: DeviceIdentity = {
    architecture,
    firmwareVersion,
    boardName: 'Hailo-8L',
    serialNumber: 'HLDDLBB000000000',
    partNumber: 'HM21LB1C2LAE',
    productName: 'HAILO-8L AI ACC M.2',
  }
  return { ...LIBRARY, devices: [{ id: '0001:01:00.0', identity, fault: null }] }
}

const LIBRARY = {
  state: 'answered',
  library: { version: '4.23.0', path: '/usr/lib/libhailort.so.4.23.0', simulated: false },
  scanFault: null,
} as const

/** HailoRT 4.23.0 with one chip that does not answer. */
export function refusing(fault: ProbeFault | null): NpuProbe {
  return { ...LIBRARY, devices: [{ id: '0001:01:00.0', identity: null, fault }] }
}

export const NO_LIBRARY: NpuProbe = {
  state: 'failed',
  fault: { code: 'LIBRARY_MISSING', what: 'There is no libhailort.', remedy: 'Install it: sudo apt install hailo-all' },
}

export interface Case {
  readonly files?: Files
  readonly probe?: NpuProbe
  readonly backend?: string
  readonly model?: string
  readonly devices?: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  readonly mayUse?: boolean
  /** Folders of HEFs, below the machine. */
  readonly hefFolders?: readonly string[]
  readonly vcgencmd?: string | null
  readonly inside?: boolean
}

/** What doctor finds of the NPU and the power supply on such a machine, and whether it opened the devices. */
export async function examined(wanted: Case): Promise<{ findings: readonly Finding[]; identified: boolean | null }> {
  await using tree = await Tree.make(wanted.files ?? HEALTHY)
  let identified: boolean | null = null
  const files = new MachineFiles(tree.path)
  const npu = await examineNpu({
    files,
    env: wanted.env ?? {},
    wanted: { backend: wanted.backend ?? 'auto', model: wanted.model ?? 'auto', devices: wanted.devices ?? 'all' },
    hefFolders: (wanted.hefFolders ?? ['usr/share/hailo-models']).map((folder) => tree.at(folder)),
    mayUse: async () => wanted.mayUse ?? true,
    probe: async ({ identify }) => {
      identified = identify
      return wanted.probe ?? answering()
    },
    inside: wanted.inside ?? false,
  })
  const power = await checkPower(files, wanted.vcgencmd ?? null)
  return { findings: power === null ? npu : [...npu, power], identified }
}

/** The findings of one check. */
export async function findingsOf(check: string, wanted: Case): Promise<readonly Finding[]> {
  return (await examined(wanted)).findings.filter((finding) => finding.check === check)
}

/** The only finding of one check, or fails. */
export async function findingOf(check: string, wanted: Case): Promise<Finding> {
  const [first, ...more] = await findingsOf(check, wanted)
  if (first === undefined || more.length > 0) throw new Error(`${more.length + (first ? 1 : 0)} findings of ${check} instead of one`)
  return first
}

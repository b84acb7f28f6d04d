import { type Finding, ok } from './finding.ts'
import type { MachineFiles } from './machine-files.ts'
import type { NpuHardware } from './npu-hardware.ts'
import { type MayUse, ownership } from './ownership.ts'

const CHECK = 'npu-device'
const UDEV_RULE = `echo 'SUBSYSTEM=="hailo_chardev", GROUP="hailo", MODE="0660"' | sudo tee /etc/udev/rules.d/51-hailo.rules`

/** Is there a device node for the NPU, and may this user open it? */
export async function checkDeviceNodes(files: MachineFiles, { nodes, pci }: NpuHardware, mayUse: MayUse): Promise<readonly Finding[]> {
  if (nodes.length > 0) return Promise.all(nodes.map((node) => checkNode(files, node, mayUse)))
  return pci.map(({ address }) => ({
    check: CHECK,
    severity: 'failed',
    what: `The Hailo device ${address} is on PCI Express, but there is no /dev/hailo0.`,
    why: 'Its driver did not take it, so no program can use it.',
    remedy:
      'Install the driver and restart: sudo apt install dkms hailo-all && sudo reboot; "sudo dmesg | grep -i hailo" says what it complains of.',
  }))
}

async function checkNode(files: MachineFiles, node: string, mayUse: MayUse): Promise<Finding> {
  const path = files.at(node)
  const owned = await ownership(files, node)
  if (owned === null) {
    const remedy = 'Look into "sudo dmesg | grep -i hailo": the device may have dropped out, as it does with too weak a power supply.'
    return {
      check: CHECK,
      severity: 'failed',
      what: `${node} is listed, but it is not there.`,
      why: 'Without it no program can use the NPU.',
      remedy,
    }
  }
  const { owner, group, mode } = owned
  const told = `${owner}:${group} ${mode}`
  if (await mayUse(path)) return ok(CHECK, `${node} is there and this user may use it (${told}).`)
  const join = group !== 'root' && Number.parseInt(mode, 8) & 0o060
  return {
    check: CHECK,
    severity: 'failed',
    what: `${node} belongs to ${told}: this user may not read and write it.`,
    why: 'Without these rights HailoRT cannot open the NPU.',
    remedy: join
      ? `Join the group and log in again: sudo usermod -aG ${group} "$USER"`
      : `Give the device to a group: sudo groupadd -f hailo && sudo usermod -aG hailo "$USER" && ${UDEV_RULE}, then restart.`,
  }
}

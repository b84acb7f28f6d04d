import type { MachineFiles } from './machine-files.ts'

/** A Hailo device on PCI Express, as sysfs has it (Documentation/ABI/testing/sysfs-bus-pci). */
export interface PciDevice {
  /** For example 0001:01:00.0 */
  readonly address: string
  /** The link as it runs, for example "5.0 GT/s PCIe"; null: not told. */
  readonly speed: string | null
  readonly lanes: number | null
  /** What the device could do. */
  readonly mostSpeed: string | null
  readonly mostLanes: number | null
  /** Lanes of the port it sits in; null: not told. */
  readonly portLanes: number | null
}

/** The NPU as the kernel sees it. */
export interface NpuHardware {
  /** Device nodes, for example /dev/hailo0. */
  readonly nodes: readonly string[]
  readonly pci: readonly PciDevice[]
  /** Version of the driver that is loaded; null: none is. */
  readonly driverVersion: string | null
}

const HAILO_VENDOR = '0x1e60'
const PCI_FOLDER = '/sys/bus/pci/devices'
/** The second one is for the Hailo-10H. */
const DRIVERS = ['hailo_pci', 'hailo1x_pci']

/** Reads /dev and /sys; opens no device. */
export async function npuHardware(files: MachineFiles): Promise<NpuHardware> {
  const nodes = (await files.names('/dev')).filter((name) => /^hailo\d+$/.test(name)).map((name) => `/dev/${name}`)
  const versions = await Promise.all(DRIVERS.map((driver) => files.text(`/sys/module/${driver}/version`)))
  return { nodes, pci: await pciDevices(files), driverVersion: versions.find((version) => version !== null) ?? null }
}

async function pciDevices(files: MachineFiles): Promise<readonly PciDevice[]> {
  const addresses = await files.names(PCI_FOLDER)
  const vendors = await Promise.all(addresses.map((address) => files.text(`${PCI_FOLDER}/${address}/vendor`)))
  return Promise.all(addresses.filter((_, index) => vendors[index] === HAILO_VENDOR).map((address) => pciDevice(files, address)))
}

async function pciDevice(files: MachineFiles, address: string): Promise<PciDevice> {
  const text = (name: string) => files.text(`${PCI_FOLDER}/${address}/${name}`)
  const lanes = async (name: string) => Number(await text(name)) || null
  return {
    address,
    speed: await text('current_link_speed'),
    lanes: await lanes('current_link_width'),
    mostSpeed: await text('max_link_speed'),
    mostLanes: await lanes('max_link_width'),
    portLanes: await portLanes(files, address),
  }
}

/** In /sys/bus/pci/devices each entry is a link; the folder it leads to lies in that of its port. */
async function portLanes(files: MachineFiles, address: string): Promise<number | null> {
  const port = (await files.link(`${PCI_FOLDER}/${address}`))?.split('/').at(-2)
  return port === undefined ? null : Number(await files.text(`${PCI_FOLDER}/${port}/max_link_width`)) || null
}

import { type Finding, ok } from './finding.ts'
import type { MachineFiles } from './machine-files.ts'

const CHECK = 'npu-pages'
/** As modprobe.d(5) lists them. */
const FOLDERS = ['/etc/modprobe.d', '/run/modprobe.d', '/usr/local/lib/modprobe.d', '/usr/lib/modprobe.d', '/lib/modprobe.d']
/** modprobe takes - and _ for the same. */
const OPTION = /^[ \t]*options[ \t]+hailo[_-]pci[ \t](?:.*[ \t])?force_desc_page_size=4096(?:\s|$)/m
const LOADED = '/sys/module/hailo_pci/parameters/force_desc_page_size'
const REMEDY = 'echo "options hailo_pci force_desc_page_size=4096" | sudo tee /etc/modprobe.d/hailo_pci.conf && sudo reboot'

/** Does the driver know of large memory pages? null: they have the usual 4 KiB. */
export async function checkPageSize(files: MachineFiles): Promise<Finding | null> {
  const pageKib = Number(/^KernelPageSize:\s+(\d+) kB/m.exec((await files.text('/proc/self/smaps')) ?? '')?.[1] ?? 4)
  if (pageKib <= 4) return null
  const loaded = await files.text(LOADED)
  if (loaded === '4096') return ok(CHECK, `Memory pages have ${pageKib} KiB, and the driver runs with force_desc_page_size=4096.`)
  const what = `Memory pages have ${pageKib} KiB, and the driver runs without force_desc_page_size=4096.`
  const why = 'Loading a model into the NPU may fail then (HAILO_INTERNAL_FAILURE, 8).'
  if (!(await isConfigured(files))) return { check: CHECK, severity: 'warning', what, why, remedy: `Run: ${REMEDY}` }
  // A driver that does not show its parameters may well run with it.
  if (loaded === null) return ok(CHECK, `Memory pages have ${pageKib} KiB, and force_desc_page_size=4096 is set for the driver.`)
  return { check: CHECK, severity: 'warning', what, why, remedy: 'The option is set: restart, so that the driver takes it.' }
}

async function isConfigured(files: MachineFiles): Promise<boolean> {
  for (const folder of FOLDERS) {
    for (const name of await files.names(folder)) {
      if (name.endsWith('.conf') && OPTION.test((await files.text(`${folder}/${name}`)) ?? '')) return true
    }
  }
  return false
}

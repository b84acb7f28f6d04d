import { type Finding, ok } from './finding.ts'
import type { MachineFiles } from './machine-files.ts'

const CHECK = 'wear'
const BLOCKS = '/sys/block'
/** Of both kinds of memory in an eMMC, life_time tells tenths that are used up: 0x01 is up to 10 %, 0x0b is more than all (JESD84-B51). */
const USED_UP = 11
const NEARLY_USED_UP = 9
/** pre_eol_info: reserved blocks used up to 80 % and 90 %. */
const RESERVE_LOW = 2
const RESERVE_OUT = 3
const WHY = 'It stops taking data without another sign.'
const REMEDY = 'Copy /etc/headcount and /var/lib/headcount, and replace it soon.'

/** How worn are cards and soldered memory? An SD card does not tell. */
export async function checkWear(files: MachineFiles): Promise<readonly Finding[]> {
  const disks = (await files.names(BLOCKS)).filter((name) => /^mmcblk\d+$/.test(name))
  const found = await Promise.all(disks.map((disk) => checkCard(files, disk)))
  return found.filter((finding) => finding !== null)
}

async function checkCard(files: MachineFiles, disk: string): Promise<Finding | null> {
  const text = (name: string) => files.text(`${BLOCKS}/${disk}/device/${name}`)
  const name = `/dev/${disk} (${(await text('name')) ?? 'without a name'})`
  const type = await text('type')
  if (type === 'SD') {
    const what = `${name} is an SD card: it does not tell how worn it is.`
    const why = 'headcount writes little: history in batches, frames only in memory.'
    return { check: CHECK, severity: 'note', what, why, remedy: null }
  }
  const tenths = ((await text('life_time')) ?? '').split(/\s+/).map((each) => Number.parseInt(each, 16))
  const known = tenths.filter((each) => each >= 1 && each <= USED_UP)
  const reserve = Number.parseInt((await text('pre_eol_info')) ?? '', 16)
  if (type !== 'MMC' || known.length === 0) return null
  const worst = Math.max(...known)
  const told = worst === USED_UP ? 'more than all of its life is used up' : `up to ${worst * 10} % of its life is used up`
  if (worst < NEARLY_USED_UP && !(reserve >= RESERVE_LOW)) return ok(CHECK, `${name}: ${told}.`)
  const what = `${name}: ${told}${reserve >= RESERVE_LOW ? ', and most of its reserve' : ''}.`
  return { check: CHECK, severity: worst === USED_UP || reserve >= RESERVE_OUT ? 'failed' : 'warning', what, why: WHY, remedy: REMEDY }
}

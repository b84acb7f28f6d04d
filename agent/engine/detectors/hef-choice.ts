import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Architecture } from 'hailort-node/hailort'
import { chipName, chipsOfHefsFor, type HefChip, HefError, hefChipName, readHefHeader } from 'hailort-node/hef'
import { AgentError } from '../../errors.ts'

/** A HEF that was found, or why the file is none. */
export type FoundHef = { readonly name: string; readonly chip: HefChip } | { readonly name: string; readonly unusable: string }

/**
 * Detectors of the 80 classes of COCO in Hailo's Model Zoo, best first: first those that Raspberry Pi OS has in /usr/share/hailo-models
 * or that count well, then what else a person may have put there.
 */
const MODELS: readonly string[] = [
  'yolov8s yolov8m yolov8n yolov6n',
  'yolov11s yolov11m yolov11n yolov10s yolov10b yolov10n yolov9c yolov8l yolov8x yolov11l yolov11x yolov10x',
  'yolov6n_0.2.1 yolov7 yolov7_tiny yolov7e6 yolov5m yolov5s yolov5m_wo_spp yolov5m6_6.1 yolov5xs_wo_spp',
  'yolox_s_leaky yolox_s_wide_leaky yolox_l_leaky yolox_tiny',
].flatMap((names) => names.split(' '))
/** After the model's name: chip and origin, as in yolov8s_h8l.hef, yolov6n_h8l_rpi.hef, yolov8s_h8l_pi.hef, yolov8s.hef. */
const NAME = /^(?<model>.+?)(?:_h\d+[lrhm]?)?(?:_(?:pi|rpi|mz))?\.hef$/i
/** Of a folder, in a message. */
const MOST_NAMED = 12
/** Files that are open at a time: a folder may hold more than a process may open. */
const READ_AT_ONCE = 16

/** The HEF of a folder that suits the chip best; null: none does. Those compiled for the chip itself go before others that it runs. */
export function bestHef(found: readonly FoundHef[], architecture: Architecture): string | null {
  const chips = chipsOfHefsFor(architecture)
  const fitting = found.flatMap((hef) => {
    const chipRank = 'chip' in hef ? chips.indexOf(hef.chip) : -1
    const modelRank = modelRankOf(hef.name)
    return chipRank < 0 || modelRank < 0 ? [] : [{ name: hef.name, chipRank, modelRank }]
  })
  fitting.sort((a, b) => a.chipRank - b.chipRank || a.modelRank - b.modelRank || (a.name < b.name ? -1 : 1))
  return fitting[0]?.name ?? null
}

/**
 * The path of the HEF that this chip counts people best with, out of the first folder that has one. Throws AgentError MODEL_MISSING, which
 * lists what was found and why it does not fit.
 */
export async function chooseHef(folders: readonly string[], architecture: Architecture): Promise<string> {
  const seen: string[] = []
  for (const folder of folders) {
    const found = await hefsIn(folder)
    const best = found && bestHef(found, architecture)
    if (best) return join(folder, best)
    seen.push(`${folder} ${found === null ? 'is not there' : contentsOf(found, architecture)}`)
  }
  const places = seen.length === 0 ? 'no folder was named' : seen.join('; ')
  throw new AgentError('MODEL_MISSING', `There is no model for the ${chipName(architecture)}: ${places}.`, {
    remedy: `Install the models (sudo apt install hailo-all), or set detector.model to a .hef file for the ${chipName(architecture)}.`,
  })
}

function modelRankOf(name: string): number {
  return MODELS.indexOf(NAME.exec(name)?.groups?.['model']?.toLowerCase() ?? '')
}

/** Why a file is not taken, for the person who wonders. */
function reasonAgainst(hef: FoundHef, architecture: Architecture): string {
  if ('unusable' in hef) return hef.unusable
  if (!chipsOfHefsFor(architecture).includes(hef.chip)) return `for the ${hefChipName(hef.chip)}`
  return 'not known as a detector of people'
}

function contentsOf(found: readonly FoundHef[], architecture: Architecture): string {
  if (found.length === 0) return 'has no .hef file'
  const named = found.slice(0, MOST_NAMED).map((hef) => `${hef.name} (${reasonAgainst(hef, architecture)})`)
  const more = found.length > MOST_NAMED ? ` and ${found.length - MOST_NAMED} more` : ''
  return `has ${named.join(', ')}${more}`
}

/** The HEF files of a folder by name; null: there is no such folder. */
async function hefsIn(folder: string): Promise<readonly FoundHef[] | null> {
  const names = await readdir(folder).catch(() => null)
  if (names === null) return null
  const hefs = names.filter((name) => name.toLowerCase().endsWith('.hef')).sort()
  const found: FoundHef[] = []
  while (found.length < hefs.length) {
    const next = hefs.slice(found.length, found.length + READ_AT_ONCE)
    found.push(...(await Promise.all(next.map((name) => foundHef(folder, name)))))
  }
  return found
}

async function foundHef(folder: string, name: string): Promise<FoundHef> {
  try {
    return { name, chip: (await readHefHeader(join(folder, name))).chip }
  } catch (error) {
    if (error instanceof HefError)
      return { name, unusable: error.code === 'HEF_UNREADABLE' ? 'cannot be read' : 'damaged, or for an unknown chip' }
    throw error
  }
}

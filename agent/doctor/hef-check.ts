import type { Architecture } from 'hailort-node/hailort'
import { checkHef, chipName, HefError, hefChipName, readHefHeader } from 'hailort-node/hef'
import { chooseHef } from '../engine/detectors/hef-choice.ts'
import { AgentError } from '../errors.ts'
import { type Finding, ok } from './finding.ts'
import type { NpuProbe } from './npu-probe.ts'

const CHECK = 'npu-model'
const WHY = 'The NPU can only count people with a model that was compiled for it.'

export interface ModelQuestion {
  readonly probe: NpuProbe
  /** detector.model */
  readonly model: string
  /** Where `auto` looks. */
  readonly hefFolders: readonly string[]
}

/** Is there a HEF for every chip, or does the one of the configuration fit? */
export async function checkModels({ probe, model, hefFolders }: ModelQuestion): Promise<readonly Finding[]> {
  const identities = probe.state === 'answered' ? probe.devices.flatMap(({ identity }) => identity ?? []) : []
  const architectures = [...new Set(identities.map(({ architecture }) => architecture))]
  return Promise.all(architectures.map((architecture) => checkModel({ model, hefFolders, architecture })))
}

async function checkModel({
  model,
  hefFolders,
  architecture,
}: Omit<ModelQuestion, 'probe'> & { architecture: Architecture }): Promise<Finding> {
  try {
    const file = model === 'auto' ? await chooseHef(hefFolders, architecture) : model
    const header = await readHefHeader(file)
    checkHef(header, architecture, file)
    const compiler = header.sdkVersion === null ? '' : `, compiler ${header.sdkVersion}`
    const fileChip = hefChipName(header.chip)
    const chip = chipName(architecture)
    const what = `${file} was compiled for the ${fileChip}${compiler}`
    if (header.chip !== 'hailo8l' || architecture === 'HAILO8L') return ok(CHECK, `${what}.`)
    const why = `It runs, but slower than one for the ${chip}.`
    const remedy = `Take one compiled for the ${chip}: the Model Zoo has them, for example yolov8s_h8.hef.`
    return { check: CHECK, severity: 'note', what: `${what}, the chip is a ${chip}.`, why, remedy }
  } catch (error) {
    if (!(error instanceof HefError || error instanceof AgentError)) throw error
    return { check: CHECK, severity: 'failed', what: error.what, why: WHY, remedy: error.remedy }
  }
}

import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type SimulatedHef, type SimulatedNetwork, simulatedHefBytes, writeSimulatedHef } from './simulated-hef.ts'

type SimulatedChip = 'hailo8' | 'hailo8l'

/** Frames a second at 640×640 by batch size, as published in Hailo's Model Zoo. */
const PUBLISHED_FPS: Readonly<Record<string, Readonly<Record<SimulatedChip, Readonly<Record<string, number>>>>>> = {
  yolov6n: { hailo8l: { 1: 356, 8: 356 }, hailo8: { 1: 1_250, 8: 1_250 } },
  yolov8n: { hailo8l: { 1: 202, 8: 438 }, hailo8: { 1: 1_036, 8: 1_036 } },
  yolov8s: { hailo8l: { 1: 110, 8: 208 }, hailo8: { 1: 491, 8: 491 } },
}
/** As in the names of the files that Raspberry Pi OS has in /usr/share/hailo-models. */
const CHIP_IN_NAME: Readonly<Record<SimulatedChip, string>> = { hailo8: 'h8', hailo8l: 'h8l' }
const SIDE = 640
const COCO_CLASSES = 80
const MAX_PER_CLASS = 100
const SDK_VERSION = '3.31.0'

/** The simulated HEFs that stand in for the real ones, by the name of the file. */
export const simulatedModels: ReadonlyMap<string, SimulatedHef> = new Map(
  Object.entries(PUBLISHED_FPS).flatMap(([model, chips]) =>
    (['hailo8', 'hailo8l'] as const).map((chip): [string, SimulatedHef] => [
      `${model}_${CHIP_IN_NAME[chip]}.hef`,
      { chip, sdkVersion: SDK_VERSION, network: networkOf(model, chips[chip]) },
    ]),
  ),
)

/** Writes them into a folder, which is made where it is missing; a file that is right already is left alone. */
export async function writeSimulatedModels(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const [name, hef] of simulatedModels) {
    const path = join(folder, name)
    // Not there or not readable: it is written.
    const there = await readFile(path).catch(() => null)
    if (there === null || !there.equals(simulatedHefBytes(hef))) await writeSimulatedHef(path, hef)
  }
}

function networkOf(model: string, fps: Readonly<Record<string, number>>): SimulatedNetwork {
  return {
    name: model,
    input: { name: `${model}/input_layer1`, width: SIDE, height: SIDE },
    outputs: [
      { name: `${model}/${model.slice(0, -1)}_nms_postprocess`, nms: { classes: COCO_CLASSES, maxPerClass: MAX_PER_CLASS, onCpu: true } },
    ],
    fps,
    detector: { kind: 'hog' },
  }
}

import { type Temperatures, temperatures } from '../health/temperatures.ts'
import { type Finding, ok } from './finding.ts'
import type { MachineFiles } from './machine-files.ts'

const CHECK = 'temperature'
/** A Raspberry Pi slows down from 80 °C on, and hard at 85 °C. */
const HOT = 75
const TOO_HOT = 80
/** Sensors of some boards are no thermometers. */
const IMPLAUSIBLE = 150

/** Is the machine cool enough? null: it has no thermometer. */
export async function checkTemperature(files: MachineFiles): Promise<Finding | null> {
  const found: Temperatures = await temperatures(files.at('/sys/class/thermal')).catch(() => ({}))
  const zones = Object.entries(found)
  const [hottest] = zones.filter(([, celsius]) => celsius > 0 && celsius < IMPLAUSIBLE).sort(([, a], [, b]) => b - a)
  if (hottest === undefined) return null
  const [zone, celsius] = hottest
  const what = `${zone} has ${celsius.toFixed(1)} °C.`
  if (celsius < HOT) return ok(CHECK, what)
  const why =
    celsius < TOO_HOT ? 'From 80 °C on the processor is slowed down.' : 'The processor is slowed down: fewer pictures are looked at.'
  const remedy = 'Cool it: a heat sink with a fan, air that can move, no sun.'
  return { check: CHECK, severity: celsius < TOO_HOT ? 'note' : 'warning', what, why, remedy }
}

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Degrees Celsius by sensor, for example `{"cpu-thermal": 51.2}`. */
export type Temperatures = Readonly<Record<string, number>>

/**
 * The thermal zones of the kernel (Documentation/ABI/testing/sysfs-class-thermal: `type` names a zone, `temp` is in thousandths of a
 * degree); the hottest of those with one name. A zone that cannot be read is left out. systeminformation would start two shells for this,
 * one of them while the event loop waits.
 */
export async function temperatures(folder = '/sys/class/thermal'): Promise<Temperatures> {
  const names = await readdir(folder)
  const zones = await Promise.all(names.filter((name) => name.startsWith('thermal_zone')).map((name) => zone(join(folder, name))))
  const hottest: Record<string, number> = {}
  for (const { type, celsius } of zones.flatMap((each) => each ?? [])) hottest[type] = Math.max(celsius, hottest[type] ?? -Infinity)
  return hottest
}

async function zone(path: string): Promise<{ type: string; celsius: number } | null> {
  // A sensor that sleeps answers with an error, and may be back the next time.
  const [type, temp] = await Promise.all(['type', 'temp'].map((file) => readFile(join(path, file), 'utf8').catch(() => '')))
  if (!type?.trim() || !temp?.trim() || !Number.isFinite(Number(temp))) return null
  return { type: type.trim(), celsius: Number(temp) / 1_000 }
}

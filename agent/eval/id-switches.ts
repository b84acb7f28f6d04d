import type { ComparedFrame } from './frames.ts'
import { matchBoxes } from './matching.ts'

/** How often somebody was followed under another id than before; null when the truth does not say who is who. */
export function countIdSwitches(frames: readonly ComparedFrame[]): number | null {
  const trackOf = new Map<number, number>()
  let switches = 0
  for (const { real, people } of frames.filter((frame) => !frame.real.ambiguous)) {
    if (real.ids === null) return null
    for (const match of matchBoxes(people, real.boxes)) {
      const person = real.ids[match.real]
      const track = people[match.found]?.id
      if (person === undefined || track === undefined) continue
      if ((trackOf.get(person) ?? track) !== track) switches++
      trackOf.set(person, track)
    }
  }
  return switches
}

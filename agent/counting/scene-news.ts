import { FIRST_LOOKS } from '../tracking/tracker.ts'
import type { SceneState } from './scene.ts'

/** Whether a look at a scene shows something a person could see: most show what the last one showed. */
export function isNewsAfter(before: SceneState, after: SceneState): boolean {
  return (
    after.count.count !== before.count.count ||
    after.occupancy !== before.occupancy ||
    after.looks <= FIRST_LOOKS ||
    after.zones.some(({ dwells }, index) => dwells !== before.zones[index]?.dwells) ||
    [...after.zoneCounts].some(([zone, { count }]) => count !== before.zoneCounts.get(zone)?.count)
  )
}

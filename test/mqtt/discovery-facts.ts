import type { DiscoveryFacts } from '../../agent/mqtt/discovery.ts'

/** A hallway with two cameras, one of which has everything; all topics exist. */
export function discoveryFacts(changes: Partial<DiscoveryFacts> = {}): DiscoveryFacts {
  return {
    discovery: 'homeassistant',
    prefix: 'headcount',
    node: 'hallway',
    version: '1.2.3',
    installation: '0123456789ab',
    npu: true,
    areas: [{ id: 'shop' }],
    streams: [
      { id: 'door', zones: [{ id: 'desk' }, { id: 'front_window' }], lines: [{ id: 'entrance' }] },
      { id: 'yard', zones: [], lines: [] },
    ],
    published: new Set(['zones', 'lines', 'areas', 'events']),
    ...changes,
  }
}

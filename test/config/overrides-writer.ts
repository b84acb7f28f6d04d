import { writeOverrides } from '../../agent/config/overrides.ts'

// Writes without an end, so that a test can kill it in the middle.
const [, , stateDir = ''] = process.argv
for (let round = 0; ; round++) {
  const streams = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`stream${index}`, { source: 'test', round, last: true }]))
  await writeOverrides(stateDir, { settings: {}, added: {}, streams })
  if (round === 0) process.send?.('written')
}

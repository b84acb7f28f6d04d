// What the page says of zones, lines and areas. Pure: from the JSON of a stream to texts. What is not known is "unknown", never 0.

const text = (value) => (Number.isFinite(value) ? String(value) : 'unknown')

/** One row a zone, in the order of the configuration. */
export function zoneRows({ geometry, state }) {
  return geometry.zones.map(({ id }) => {
    const zone = state.zones?.[id] ?? {}
    return { id, count: text(zone.count), dwell: dwellText(zone) }
  })
}

/** One row a line. */
export function lineRows({ geometry, state }) {
  return geometry.lines.map(({ id }) => {
    const line = state.lines?.[id] ?? {}
    return { id, inToday: text(line.inToday), outToday: text(line.outToday), in: text(line.in), out: text(line.out) }
  })
}

/** How many are inside an area; null: unknown. */
export function insideText(inside) {
  return text(inside)
}

/** What is left of a stream when the agent cannot be asked: where it counts, and nothing of what it counts. */
export function forgotten(stream) {
  return { ...stream, personCount: null, state: {} }
}

function dwellText({ dwellCount, dwellMeanS, dwellP90S }) {
  if (!Number.isFinite(dwellMeanS)) return dwellCount === 0 ? 'nobody has left yet' : 'unknown'
  const p90 = Number.isFinite(dwellP90S) ? `, 9 of 10 within ${secondsText(dwellP90S)}` : ''
  return `${secondsText(dwellMeanS)} on average${p90}`
}

function secondsText(seconds) {
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  if (seconds < 100) return `${Math.round(seconds)} s`
  return `${Math.round(seconds / 60)} min`
}

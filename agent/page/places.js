// Tables of zones and lines, and the way to set totals back to zero.

import { lineRows, zoneRows } from './counts.js'
import { change, element, made, say, sayIn, show } from './dom.js'

let shown = null

/** Shows a stream's zones and lines; null: there is no stream. */
export function showPlaces(stream) {
  shown = stream
  const zones = stream === null ? [] : zoneRows(stream)
  const lines = stream === null ? [] : lineRows(stream)
  show('zones', zones.length > 0)
  show('lines', lines.length > 0)
  fill(
    element('zone-rows'),
    zones.map(({ id, count, dwell }) => [id, count, dwell]),
  )
  fill(
    element('line-rows'),
    lines.map((line) => [line.id, line.inToday, line.outToday, line.in, line.out]),
  )
  fillChoice(lines.map(({ id }) => id))
}

/** Calls `changed` after totals were reset. */
export function onReset(changed) {
  const dialog = element('reset')
  element('reset-open').addEventListener('click', () => {
    say('reset-answer', '')
    dialog.showModal()
  })
  element('reset-cancel').addEventListener('click', () => dialog.close())
  element('reset-form').addEventListener('submit', async (event) => {
    event.preventDefault()
    const line = element('reset-line').value
    const refused = await change(`/api/streams/${encodeURIComponent(shown.id)}/totals/reset`, line === '' ? {} : { line })
    say('reset-answer', refused ?? '')
    if (refused !== null) return
    dialog.close()
    say('lines-answer', line === '' ? 'All totals are 0 again.' : `The totals of ${line} are 0 again.`)
    changed()
  })
}

/** Cells are written where they stand, so that a screen reader keeps its place. */
function fill(body, rows) {
  while (body.rows.length > rows.length) body.deleteRow(-1)
  for (const [index, [id, ...cells]] of rows.entries()) {
    const row = body.rows[index] ?? body.appendChild(made('tr', {}, made('th', { scope: 'row' }), ...cells.map(() => made('td'))))
    sayIn(row.cells[0], id)
    for (const [column, cell] of cells.entries()) {
      sayIn(row.cells[column + 1], cell)
      row.cells[column + 1].classList.toggle('unknown', cell === 'unknown')
    }
  }
}

function fillChoice(ids) {
  const choice = element('reset-line')
  if (choice.dataset.ids === ids.join(' ')) return
  choice.dataset.ids = ids.join(' ')
  const all = made('option', { value: '', textContent: 'all lines of this stream' })
  choice.replaceChildren(all, ...ids.map((id) => made('option', { value: id, textContent: id })))
}

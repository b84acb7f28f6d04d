// Rooms with the people inside, and the number somebody has counted.

import { insideText } from './counts.js'
import { change, element, made, sayIn, show } from './dom.js'

/** Shows the areas; null: they cannot be asked for. `changed` is called after a number was set. */
export function showAreas(areas, changed) {
  const list = element('area-list')
  if (areas !== null) {
    show('areas', areas.length > 0)
    const ids = areas.map(({ id }) => id).join(' ')
    // What somebody types stays: entries are made anew only when there are others.
    if (list.dataset.ids !== ids) {
      list.dataset.ids = ids
      list.replaceChildren(...areas.map((area) => entryOf(area, changed)))
    }
  }
  for (const [index, entry] of [...list.children].entries()) {
    sayIn(entry.querySelector('.inside'), insideText(areas?.[index].inside ?? null))
  }
}

function entryOf({ id, entrances }, changed) {
  const number = made('input', {
    type: 'number',
    min: 0,
    max: 1_000_000,
    step: 1,
    required: true,
    id: `inside-${id}`,
    inputMode: 'numeric',
  })
  const answer = made('p', { className: 'answer' })
  answer.setAttribute('role', 'status')
  const set = async (value) => {
    const refused = await change(`/api/areas/${encodeURIComponent(id)}/inside`, { value })
    sayIn(answer, refused ?? `Set to ${value}.`)
    answer.classList.toggle('fault', refused !== null)
    if (refused === null) number.value = ''
    changed()
  }
  const empty = made('button', { type: 'button', textContent: 'It is empty now' })
  empty.addEventListener('click', () => set(0))
  const label = made('label', { htmlFor: number.id, textContent: 'I have counted' })
  const form = made('form', { className: 'row' }, label, number, made('button', { type: 'submit', textContent: 'Set' }), empty)
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    set(Number(number.value))
  })
  const head = made('p', { className: 'area' }, made('strong', { textContent: id }), ' inside: ', made('span', { className: 'inside' }))
  return made('li', {}, head, made('p', { className: 'hint', textContent: `Entrances: ${entrances.join(', ')}` }), form, answer)
}

// Which stream is shown: a button for each, when there is more than one.

import { element } from './dom.js'

export function showChoice(streams, shown, choose) {
  const nav = element('streams')
  nav.hidden = streams.length < 2
  const ids = streams.map(({ id }) => id)
  if (nav.dataset.ids !== ids.join(' ')) {
    nav.dataset.ids = ids.join(' ')
    nav.replaceChildren(...ids.map((id) => choiceButton(id, choose)))
  }
  for (const button of nav.children) button.setAttribute('aria-pressed', String(button.dataset.id === shown?.id))
  for (const [index, { personCount }] of streams.entries()) {
    const text = `${ids[index]}: ${personCount ?? 'unknown'}`
    if (nav.children[index].textContent !== text) nav.children[index].textContent = text
  }
}

function choiceButton(id, choose) {
  const button = document.createElement('button')
  button.type = 'button'
  button.dataset.id = id
  button.addEventListener('click', () => choose(id))
  return button
}

// The elements of the page and the way to the agent.

export const element = (id) => document.getElementById(id)

export const show = (id, shown) => {
  element(id).hidden = !shown
}

/** Only what changes is written, so that a screen reader is not told the same again. */
export const say = (id, text) => {
  sayIn(element(id), text)
}

export const sayIn = (node, text) => {
  if (node.textContent !== text) node.textContent = text
}

/** A new element with properties and children. */
export function made(name, properties = {}, ...children) {
  const node = Object.assign(document.createElement(name), properties)
  node.append(...children)
  return node
}

export async function ask(path, options = {}) {
  return fetch(path, {
    cache: 'no-store',
    signal: AbortSignal.timeout(8_000),
    ...options,
    headers: { Accept: 'application/json', ...options.headers },
  })
}

/** Asks for a change; resolves to null, or to what a person should read when it was refused. */
export async function change(path, body) {
  try {
    const response = await ask(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })
    if (response.ok) return null
    const { message, remedy } = await response.json()
    return `${message} ${remedy}`
  } catch {
    return 'No connection to the agent: nothing was changed.'
  }
}

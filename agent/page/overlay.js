// Zones and lines over the live picture. Coordinates of the configuration are 0–1; those of the drawing are pixels of the page, so that
// letters keep their shape.

import { lineRows, zoneRows } from './counts.js'
import { element } from './dom.js'

const SVG = 'http://www.w3.org/2000/svg'
const ARROW = 22

/** What is to be drawn: polygons, lines with the arrow of "in", and labels. Pure. */
export function shapesOf(stream, { width, height }) {
  const at = ([x, y]) => [x * width, y * height]
  const counts = Object.fromEntries(zoneRows(stream).map(({ id, count }) => [id, count]))
  const crossings = Object.fromEntries(lineRows(stream).map((row) => [row.id, row]))
  const zones = stream.geometry.zones.map(({ id, polygon }) => {
    const points = polygon.map(at)
    return { kind: 'zone', points, label: `${id}: ${counts[id]}`, place: middle(points) }
  })
  const lines = stream.geometry.lines.map(({ id, from, to }) => {
    const points = [at(from), at(to)]
    const { inToday, outToday } = crossings[id]
    const arrow = arrowOf(points)
    const [x, y] = middle(points)
    // Beside the arrow, not over it.
    const place = [x, arrow[1][1] < y ? y + ARROW : y - ARROW]
    return { kind: 'line', points, arrow, label: `${id}: in ${inToday}, out ${outToday}`, place }
  })
  return [...zones, ...lines]
}

/** Draws a stream's shapes; `null` draws nothing. */
export function draw(stream) {
  const svg = element('overlay')
  const image = element('live')
  const [width, height] = [image.clientWidth, image.clientHeight]
  // Before the first picture has come there is no size to draw in.
  const shapes = stream === null || image.hidden || image.naturalWidth === 0 ? [] : shapesOf(stream, { width, height })
  const key = JSON.stringify([width, height, shapes])
  if (svg.dataset.key === key) return
  svg.dataset.key = key
  svg.setAttribute('viewBox', `0 0 ${Math.max(width, 1)} ${Math.max(height, 1)}`)
  svg.replaceChildren(...shapes.flatMap((shape) => nodesOf(shape, width, height)))
}

function nodesOf({ kind, points, arrow, label, place }, width, height) {
  const outline = made(kind === 'zone' ? 'polygon' : 'polyline', { points: points.map((point) => point.join(',')).join(' '), class: kind })
  const head = arrow === undefined ? [] : [made('polyline', { points: arrow.map((point) => point.join(',')).join(' '), class: 'arrow' })]
  const text = made('text', { x: clamped(place[0], width, 50), y: clamped(place[1], height, 14), class: `label ${kind}` })
  text.textContent = label
  return [outline, ...head, text]
}

/** From the middle of a line to the side on which somebody is who came in: from the + to the − side of cross(to − from, p − from). */
function arrowOf([[x1, y1], [x2, y2]]) {
  const length = Math.hypot(x2 - x1, y2 - y1) || 1
  const [nx, ny] = [(y2 - y1) / length, (x1 - x2) / length]
  const [mx, my] = [(x1 + x2) / 2, (y1 + y2) / 2]
  const tip = [mx + nx * ARROW, my + ny * ARROW]
  const barb = (side) => [tip[0] - nx * 8 + ny * side, tip[1] - ny * 8 - nx * side]
  return [[mx, my], tip, barb(6), tip, barb(-6)]
}

function middle(points) {
  return [0, 1].map((axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length)
}

function clamped(value, size, margin) {
  return Math.min(Math.max(value, margin), Math.max(size - margin, margin))
}

function made(name, attributes) {
  const node = document.createElementNS(SVG, name)
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value)
  return node
}

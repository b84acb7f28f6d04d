/** The name of a crossing: which run of the program saw it, and as which of its own. */
export function crossingId(run: string, n: number): string {
  return `${run}-${n}`
}

/** The two again. */
export function partsOf(id: string): [run: string, n: number] {
  const cut = id.lastIndexOf('-')
  return [id.slice(0, cut), Number(id.slice(cut + 1))]
}

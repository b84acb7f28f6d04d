/** Crossings under way to the broker that are remembered; one beyond is said again, which a consumer knows by its id. */
const MOST_REMEMBERED = 10_000

/**
 * What the broker has acknowledged: everything up to `deliveredTo`, and single crossings beyond. Places in the file follow
 * each other without a gap, so that one number is all that has to be kept.
 */
export class Outbox {
  readonly #placeOf = new Map<string, number>()
  readonly #acknowledged = new Set<number>()
  deliveredTo = 0

  /** These are on their way. */
  handedOut(id: string, place: number): void {
    if (place <= this.deliveredTo) return
    this.#placeOf.set(id, place)
    const oldest = this.#placeOf.size > MOST_REMEMBERED ? this.#placeOf.keys().next().value : undefined
    if (oldest !== undefined) this.#placeOf.delete(oldest)
  }

  /** Where a crossing lies, when it is on its way. */
  placeOf(id: string): number | undefined {
    return this.#placeOf.get(id)
  }

  /** False for a crossing that is not on its way. */
  acknowledge(id: string): boolean {
    const place = this.#placeOf.get(id)
    if (place === undefined) return false
    this.#placeOf.delete(id)
    if (this.#acknowledged.size < MOST_REMEMBERED) this.#acknowledged.add(place)
    while (this.#acknowledged.delete(this.deliveredTo + 1)) this.deliveredTo++
    return true
  }

  isAcknowledged(place: number): boolean {
    return place <= this.deliveredTo || this.#acknowledged.has(place)
  }

  /** Nothing undelivered lies before this place: what lay there was too old and is gone. */
  firstLeft(place: number): void {
    this.deliveredTo = Math.max(this.deliveredTo, place - 1)
    for (const each of this.#acknowledged) if (each <= this.deliveredTo) this.#acknowledged.delete(each)
    while (this.#acknowledged.delete(this.deliveredTo + 1)) this.deliveredTo++
  }
}

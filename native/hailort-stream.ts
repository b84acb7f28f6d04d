/**
 * Sends what `source` gives through `answer` and yields the answers in order. At most `inFlight` items are taken from the source and not
 * yet asked for by the reader, so a slow reader slows the source. A failure of either side ends it, and the source is closed.
 */
export async function* streamInOrder<Item, Answer>(
  source: AsyncIterable<Item>,
  answer: (item: Item) => Promise<Answer>,
  inFlight: number,
): AsyncGenerator<Answer, void, undefined> {
  if (!Number.isInteger(inFlight) || inFlight < 1) throw new RangeError('inFlight must be a whole number from 1')
  const items = source[Symbol.asyncIterator]()
  const underWay: Promise<Answer>[] = []
  const taking: { ended: boolean; now: Promise<void> | null } = { ended: false, now: null }

  const take = async () => {
    const next = await items.next()
    taking.now = null
    if (next.done === true) taking.ended = true
    if (taking.ended || next.done === true) return
    const answered = answer(next.value)
    answered.catch(() => undefined) // told when its turn comes
    underWay.push(answered)
    takeMore()
  }
  const takeMore = () => {
    if (taking.ended || taking.now !== null || underWay.length >= inFlight) return
    taking.now = take()
    taking.now.catch(() => undefined) // told when nothing else is left to yield
  }

  try {
    takeMore()
    for (;;) {
      const first = underWay[0]
      if (first !== undefined) {
        const answered = await first
        void underWay.shift()
        takeMore()
        yield answered
      } else if (taking.now !== null) {
        await taking.now
      } else {
        return
      }
    }
  } finally {
    taking.ended = true
    // A source that is asked for its next item ends when it has one: nobody waits for that.
    const closing = items.return?.()
    if (taking.now === null) await closing
    else closing?.catch(() => undefined)
  }
}

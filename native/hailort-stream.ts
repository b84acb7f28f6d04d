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
  let ended = false
  let pull: Promise<void> | null = null

  const take = async () => {
    const next = await items.next()
    pull = null
    if (next.done === true) ended = true
    if (ended || next.done === true) return
    const answered = answer(next.value)
    answered.catch(() => undefined) // told when its turn comes
    underWay.push(answered)
    pullMore()
  }
  const pullMore = () => {
    if (ended || pull !== null || underWay.length >= inFlight) return
    pull = take()
    pull.catch(() => undefined) // told when nothing else is left to yield
  }

  try {
    pullMore()
    for (;;) {
      const first = underWay[0]
      if (first === undefined) {
        if (pull === null) return
        await pull
        continue
      }
      const answered = await first
      underWay.shift()
      pullMore()
      yield answered
    }
  } finally {
    ended = true
    // A source that is asked for its next item ends when it has one: nobody waits for that.
    const closing = items.return?.()
    if (pull === null) await closing
    else closing?.catch(() => undefined)
  }
}

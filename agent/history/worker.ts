import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { Keeper, type Outcome } from './keeper.ts'
import type { HistoryAnswer, HistoryOrder, HistoryRequest } from './messages.ts'

/**
 * SQLite in a thread of its own: its calls block until the disk has answered, which for a commit on a memory card can take a tenth
 * of a second, and much longer on a worn one. Frames, viewers and the broker must not wait for that.
 */
function serve(port: MessagePort, { folder, run }: HistoryOrder): void {
  const answer = (message: HistoryAnswer) => port.postMessage(message)
  const keeper = new Keeper({
    folder,
    run,
    tell: (fault) => answer({ type: 'left', fault }),
    found: (found) => answer({ type: 'found', found }),
  })
  port.on('message', (request: HistoryRequest) => {
    if (request.type === 'close') {
      keeper.close()
      port.close()
    } else {
      answer({ type: 'done', id: request.id, outcome: outcomeOf(keeper, request) })
    }
  })
}

function outcomeOf(keeper: Keeper, request: Exclude<HistoryRequest, { type: 'close' }>): Outcome<unknown> {
  switch (request.type) {
    case 'open':
      return keeper.with(() => null)
    case 'apply':
      return keeper.apply(request.entries, request.deliveredTo)
    case 'batch':
      keeper.delivered(request.deliveredTo)
      return keeper.with((store) => {
        store.batch(request.minutes, request.deliveredTo)
        return null
      })
    case 'crossingsAfter':
      return keeper.with((store) => store.crossingsAfter(request.place, request.limit))
    case 'minutes':
      return keeper.with((store) => store.minutes(request))
    case 'prune':
      return keeper.with((store) => store.prune(request.cutoffMs, request.after))
  }
}

if (parentPort) serve(parentPort, workerData as HistoryOrder)

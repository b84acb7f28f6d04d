import { setTimeout as sleep } from 'node:timers/promises'
import { AgentError, type Fault } from '../errors.ts'
import { LimitedLog } from '../limited-log.ts'
import type { Log } from '../log.ts'
import { type Command, type ParsedCommand, parseCommand, type Request, resultJson } from './command.ts'
import type { Listener } from './subscriptions.ts'
import { COMMAND, COMMAND_RESULT } from './topics.ts'

/** What commands may do, and nothing more. */
export interface CommandTarget {
  /** Something, when there is such a stream. */
  stream(id: string): object | undefined
  /** The source that the password file of a stream is for; null when it has none. */
  passwordSource(id: string): string | null
  start(id: string): Promise<void>
  stop(id: string): Promise<void>
  restart(id: string): Promise<void>
  stopAll(): Promise<void>
  /** Keys of a whole stream, unchecked. */
  add(raw: unknown): Promise<unknown>
  /** Keys to change, unchecked; the stream is started then. `allow` throws what speaks against it, at the moment of the change. */
  patchAndStart(id: string, raw: unknown, allow: () => void): Promise<void>
  /** Totals back to zero: of one line, of one stream's lines (`line` null), or of all. `who` is kept with it. */
  resetTotals(stream: string | null, line: string | null, who: string): Promise<void>
  /** So many people are inside an area now. */
  setInside(area: string, value: number, who: string): Promise<void>
}

/** Who asked, as history keeps it. */
const WHO = 'mqtt'

/** What commands need of the session. */
export interface CommandTopics {
  topic(suffix: string): string
  listen(topic: string, listener: Listener): void
  send(suffix: string, payload: string): Promise<boolean>
}

export interface CommandsOptions {
  readonly topics: CommandTopics
  readonly allowLocalSources: boolean
  readonly log: Log
  readonly longestTurnMs?: number
}

/** More are refused: somebody floods us. */
const MOST_WAITING = 16
/** One that takes longer (a card that does not answer) goes on beside the next: STOP must not wait for it. */
const LONGEST_TURN_MS = 10_000

/**
 * Obeys the `command` topic, one command after the other, and answers each. Commands are heard from the start, so that none is lost once the
 * broker says `online` for us; they wait until there is somebody to obey them.
 */
export class Commands implements Disposable {
  readonly #options: CommandsOptions
  readonly #log: LimitedLog
  #begin: (target: CommandTarget) => void = () => undefined
  readonly #target = new Promise<CommandTarget>((resolve) => {
    this.#begin = resolve
  })
  #last: Promise<unknown> = this.#target
  #waiting = 0
  #closed = false

  constructor(options: CommandsOptions) {
    this.#options = options
    this.#log = new LimitedLog({ log: options.log, about: 'commands over MQTT' })
    const { topics } = options
    topics.listen(topics.topic(COMMAND), (payload, { retained }) => {
      if (this.#closed) return
      // It would be obeyed anew at every reconnect.
      if (retained) this.#log.warn('A retained command is not obeyed; publish commands without the retain flag')
      else this.#take(payload)
    })
  }

  /** Obeys from now on, those first that wait already, until this is disposed. */
  obey(target: CommandTarget): Disposable {
    this.#begin(target)
    return this
  }

  [Symbol.dispose](): void {
    this.#closed = true
    this.#log[Symbol.dispose]()
  }

  #take(payload: Buffer): void {
    const parsed = parseCommand(payload, this.#options)
    if (this.#waiting >= MOST_WAITING) {
      this.#answer(parsed.request, BUSY)
      return
    }
    this.#waiting++
    this.#last = this.#last.then(() => this.#turn(parsed))
  }

  async #turn(parsed: ParsedCommand): Promise<void> {
    const { longestTurnMs = LONGEST_TURN_MS } = this.#options
    const over = new AbortController()
    const limit = sleep(longestTurnMs, undefined, { signal: over.signal, ref: false }).catch(() => undefined) // It was in time.
    const executed = this.#execute(parsed)
    // A bug in it is heard of when its turn is over, too.
    void executed.finally(() => over.abort())
    await Promise.race([executed, limit])
  }

  async #execute(parsed: ParsedCommand): Promise<void> {
    const { request } = parsed
    try {
      if (this.#closed) return
      if ('fault' in parsed) {
        this.#answer(request, parsed.fault)
        return
      }
      const { command } = parsed
      this.#log.info('Command over MQTT', { type: command.type, stream: request.stream_id })
      await obey(await this.#target, command, this.#options)
      this.#answer(request, null)
    } catch (error) {
      if (!(error instanceof AgentError)) throw error
      this.#answer(request, error)
    } finally {
      this.#waiting--
    }
  }

  #answer(request: Request, outcome: Fault | AgentError | null): void {
    // A broker that has gone meanwhile loses the answer; the session counts it.
    void this.#options.topics.send(COMMAND_RESULT, resultJson(request, outcome))
  }
}

const BUSY: Fault = {
  code: 'CONFLICT',
  message: `${MOST_WAITING} commands are waiting already.`,
  remedy: 'Wait for their answers, then send it again.',
}

type Rights = Pick<CommandsOptions, 'allowLocalSources'>

async function obey(target: CommandTarget, command: Command, { allowLocalSources }: Rights): Promise<void> {
  switch (command.type) {
    case 'START':
      return start(target, command, () => {
        if (!allowLocalSources) refuseTakingPassword(target, command)
      })
    case 'STOP':
      return target.stop(command.stream)
    case 'RESTART':
      return target.restart(command.stream)
    case 'SHUTDOWN':
      return target.stopAll()
    case 'RESET_TOTALS':
      return target.resetTotals(command.stream, command.line, WHO)
    case 'SET_INSIDE':
      return target.setInside(command.area, command.value, WHO)
  }
}

/** START of a stream that is not there yet makes it, when a source is named. */
async function start(target: CommandTarget, { stream, changes }: Command & { type: 'START' }, allow: () => void): Promise<void> {
  if (target.stream(stream) === undefined && 'source' in changes) {
    await target.add({ ...changes, id: stream })
    return
  }
  if (Object.keys(changes).length > 0) await target.patchAndStart(stream, changes, allow)
  else await target.start(stream)
}

/** Whoever may write to the broker could otherwise have the password of a camera sent to a machine of his own. */
function refuseTakingPassword(target: CommandTarget, { stream, changes }: Command & { type: 'START' }): void {
  const source = target.passwordSource(stream)
  if (source === null || !('source' in changes) || changes['source'] === source) return
  throw new AgentError('FORBIDDEN', `START may not give "${stream}" another source: its password would go there.`, {
    remedy: `Change it with PATCH /api/streams/${stream} or in the configuration, or set mqtt.allowLocalSources to true on the device.`,
  })
}

import { maskSecrets } from '../config/secrets.ts'
import type { Fault } from '../errors.ts'
import type { ServiceFacts, StreamFacts } from './service-facts.ts'

/** `systemctl status` shows one line of a terminal. */
const LONGEST_REASON = 80
const LONGEST_STATUS = 400
const MOST_STREAMS = 3

/** The service in one line for a person, without secrets: "counting 2 of 3 streams; garage offline: … ; NPU 61 °C". Pure. */
export function statusLine(facts: ServiceFacts): string {
  const { streams, engine, others } = facts
  const parts = [
    countingPart(streams),
    ...(engine.fault === null ? [] : [`detection is down: ${brief(engine.fault)}`]),
    ...(engine.cpuFallback ? ['the CPU detects, the NPU is down'] : []),
    ...streamParts(facts),
    ...others.map(brief),
    ...(engine.npuTemperatureC === null ? [] : [`NPU ${Math.round(engine.npuTemperatureC)} °C`]),
  ]
  return shortened(parts.join('; '), LONGEST_STATUS)
}

function countingPart(streams: readonly StreamFacts[]): string {
  if (streams.length === 0) return 'there are no streams'
  const counting = streams.filter(({ status }) => status === 'online').length
  return `counting ${counting} of ${streams.length} ${streams.length === 1 ? 'stream' : 'streams'}`
}

/** Streams that do not count for a reason of their own. */
function streamParts({ streams, engine }: ServiceFacts): string[] {
  const told = streams.filter(({ status }) => status === 'offline' || (status === 'degraded' && engine.fault === null))
  const parts = told.slice(0, MOST_STREAMS).map(({ id, running, status, fault }) => {
    if (fault !== null) return `${id} ${status}: ${brief(fault)}`
    return running ? `${id} ${status}` : `${id} stopped`
  })
  const left = told.length - parts.length
  return left > 0 ? [...parts, `${left} more`] : parts
}

/** What happened, without the remedy: the log and doctor tell that. */
function brief({ message }: Fault): string {
  return shortened(maskSecrets(message).replace(/\.$/, ''), LONGEST_REASON)
}

function shortened(text: string, longest: number): string {
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text
}

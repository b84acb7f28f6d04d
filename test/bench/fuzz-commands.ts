import { type Dice, MARK } from './fuzz-dice.ts'
import { anyJson, anyObject, spoilt } from './fuzz-values.ts'

/** What is published on the command topic. */
export interface FuzzCommand {
  readonly payload: Buffer
  readonly retain: boolean
}

const TYPES: readonly [string, ...string[]] = ['START', 'STOP', 'RESTART', 'SHUTDOWN', 'RESET_TOTALS', 'SET_INSIDE']
const LARGE_BYTES = [10_000, 16_384, 16_385, 100_000, 250_000] as const
/** These start or end processes: seldom, so that there is time for the others. */
const COSTLY_SHARE = 0.003

/** A command that nobody sends in good faith, mostly. */
export function fuzzCommand(dice: Dice): FuzzCommand {
  const retain = dice.chance(0.02)
  if (dice.chance(COSTLY_SHARE)) return { payload: Buffer.from(costly(dice)), retain }
  const kind = dice.number()
  if (kind < 0.05) return { payload: dice.bytes(dice.whole(0, 200)), retain }
  if (kind < 0.06) return { payload: Buffer.alloc(dice.pick(LARGE_BYTES), dice.pick(['x', '[', '{"a":', ' ', '"'])), retain }
  if (kind < 0.16) return { payload: spoilt(dice, anyJson(dice)), retain }
  if (kind < 0.4) return { payload: Buffer.from(harmless(dice)), retain }
  return { payload: spoilt(dice, anyObject(dice, { type: type(dice), stream_id: streamId(dice) })), retain }
}

/** Understood, or nearly so, and soon done. */
function harmless(dice: Dice): string {
  const value = dice.pick(['0', '7', '1000000', '1000001', '-1', '0.5', '"3"', 'null', '1e300'])
  const told = dice.pick<Record<string, string>>([
    { type: '"RESET_TOTALS"' },
    { type: '"RESET_TOTALS"', stream_id: streamId(dice) },
    { type: '"RESET_TOTALS"', stream_id: '"door"', line: dice.pick(['"gate"', '"none"', '""', '7', 'null']) },
    { type: '"SET_INSIDE"', area: dice.pick(['"shop"', '"__proto__"', '"nowhere"', '[]']), value },
    { type: '"STOP"', stream_id: '"nobody"' },
    { type: '"RESTART"', stream_id: '"constructor"' },
    { type: '"START"', stream_id: '"door"', detectFps: anyJson(dice) },
    { type: '"START"', stream_id: '"new"', source: JSON.stringify(dice.nasty().replace(/^test$/, 'x')) },
    { type: '"START"', stream_id: '"new"', source: '"test"', passwordFile: JSON.stringify(dice.nasty()) },
  ])
  return anyObject(dice, { ...told, request_id: dice.pick(['1', '"r"', 'null', '{}', '1e400']) }, { length: 0 })
}

function costly(dice: Dice): string {
  const source = dice.pick([
    'test',
    `rtsp://127.0.0.1:1/${MARK}`,
    `rtsp://a:b@127.0.0.1:1/${MARK}%20!%20fakesink`,
    'libcamera:none',
    'libcamera',
  ])
  const told = dice.pick<Record<string, string>>([
    { type: '"START"', stream_id: '"door"' },
    { type: '"START"', stream_id: JSON.stringify(dice.pick(['a', 'b', 'c'])), source: JSON.stringify(source) },
    { type: '"STOP"', stream_id: '"door"' },
    { type: '"RESTART"', stream_id: '"door"' },
    { type: '"SHUTDOWN"' },
  ])
  return anyObject(dice, told, { length: 0 })
}

function type(dice: Dice): string {
  return dice.chance(0.8) ? JSON.stringify(dice.pick(TYPES)) : anyJson(dice, 3)
}

/** Never the one that runs: those orders are the costly ones. */
function streamId(dice: Dice): string {
  return dice.chance(0.5) ? JSON.stringify(`${dice.nasty()}?`) : anyJson(dice, 3)
}

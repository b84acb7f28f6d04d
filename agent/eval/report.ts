import type { LineScore } from './crossing-score.ts'
import type { DetectionScore } from './detection-score.ts'
import type { PublishedScore } from './published-score.ts'

/** What `headcount eval` says of a clip. Null where nothing can be said. */
export interface EvalReport extends DetectionScore, PublishedScore {
  /** Frames of the clip. */
  readonly frames: number
  /** How often somebody was followed under another id than before. */
  readonly idSwitches: number | null
  /** By the line's id. */
  readonly crossings: Readonly<Record<string, LineScore>>
  /** Frames that went through all of it a second, on this machine. */
  readonly fps: number
  /** What detected, and with which model. */
  readonly detector: string
}

/** The report as a table for people. */
export function reportTable(report: EvalReport): string {
  const rows = [
    ...countRows(report),
    ...publishedRows(report),
    ...lineRows(report),
    ['frames a second on this machine', number(report.fps, 1), ''],
  ]
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')
}

type Row = readonly [what: string, value: string, more: string]

function countRows(report: EvalReport): Row[] {
  const { frames, scored, unknown, idSwitches } = report
  return [
    ['detector', report.detector, ''],
    ['frames', String(frames), `${scored} scored, ${frames - scored} ambiguous; the count of ${unknown} was not known`],
    ['precision', number(report.precision), 'found boxes that are people'],
    ['recall', number(report.recall), 'people that were found'],
    ['error of the count', number(report.countMae), 'mean, of each frame by itself'],
    ['exact', number(report.exact), 'frames with the right count'],
    ['id switches', idSwitches === null ? '–' : String(idSwitches), 'somebody was followed under another id'],
  ]
}

function publishedRows(report: EvalReport): Row[] {
  const { publishedDelayMs, lastingChanges, changesTold } = report
  return [
    ['error of the published count', number(report.publishedMae), 'mean, of what MQTT would say'],
    [
      'a change is told after',
      publishedDelayMs === null ? '–' : `${Math.round(publishedDelayMs)} ms`,
      `median; ${changesTold} of ${lastingChanges} changes that lasted a second were told`,
    ],
    ['published changes a minute', number(report.publishedChangesPerMinute, 1), `${number(report.trueChangesPerMinute, 1)} true ones`],
  ]
}

function lineRows({ crossings }: EvalReport): Row[] {
  return Object.entries(crossings).map(([id, line]) => {
    const expected =
      line.expectedIn === null ? '' : `expected ${line.expectedIn} and ${line.expectedOut}: ${line.missed} missed, ${line.extra} extra`
    return [`line ${id}`, `${line.in} in, ${line.out} out`, expected]
  })
}

function number(value: number | null, digits = 3): string {
  return value === null ? '–' : value.toFixed(digits)
}

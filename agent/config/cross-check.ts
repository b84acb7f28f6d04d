import type { z } from 'zod'
import { addProblem } from './fields.ts'

/** Ids that are words of our own topics. */
const RESERVED_STREAMS = new Set(['area', 'command'])

interface Named {
  readonly id?: unknown
}

/** What holds between keys: unique ids, entrances that exist, pairs of files. Takes half-valid input, since it runs beside other faults. */
export function crossCheck(config: unknown, context: z.core.$RefinementCtx): void {
  const root = record(config)
  const streams = list(root['streams'])
  unique(streams, 'stream', ['streams'], context)
  streams.forEach((stream, index) => {
    checkStream(record(stream), ['streams', index], context)
  })
  checkAreas(list(root['areas']), streams, context)
  checkDetector(record(root['detector']), context)
  const { cert, key } = record(root['mqtt'])
  if ((cert === undefined) !== (key === undefined)) {
    const path = ['mqtt', cert === undefined ? 'cert' : 'key']
    addProblem(
      context,
      { problem: 'is missing: certificate and key belong together', remedy: 'Name both mqtt.cert and mqtt.key, or neither.' },
      path,
    )
  }
}

function checkStream(stream: Record<string, unknown>, path: PropertyKey[], context: z.core.$RefinementCtx): void {
  if (typeof stream['id'] === 'string' && RESERVED_STREAMS.has(stream['id'])) {
    addProblem(context, { problem: 'is a word of our own topics', remedy: 'Choose another id for this stream.' }, [...path, 'id'])
  }
  unique(list(stream['zones']), 'zone', [...path, 'zones'], context)
  unique(list(stream['lines']), 'line', [...path, 'lines'], context)
  list(stream['lines']).forEach((line, index) => {
    const { from, to } = record(line)
    if (Array.isArray(from) && Array.isArray(to) && String(from) === String(to)) {
      addProblem(context, { problem: 'has no length: from and to are the same point', remedy: 'Write two different points.' }, [
        ...path,
        'lines',
        index,
      ])
    }
  })
  if (stream['passwordFile'] !== undefined && !/^rtsps?:\/\/[^\s/:@]+@/i.test(String(stream['source']))) {
    const remedy = 'Write the user into the URL without a password, rtsp://USER@HOST/PATH, or remove passwordFile.'
    addProblem(context, { problem: 'has no user to belong to', remedy }, [...path, 'passwordFile'])
  }
}

function checkAreas(areas: readonly unknown[], streams: readonly unknown[], context: z.core.$RefinementCtx): void {
  unique(areas, 'area', ['areas'], context)
  const entrances = new Set(
    streams.flatMap((stream) =>
      list(record(stream)['lines']).map((line) => `${String(record(stream)['id'])}/${String(record(line)['id'])}`),
    ),
  )
  areas.forEach((area, areaIndex) => {
    list(record(area)['entrances']).forEach((entrance, index) => {
      if (typeof entrance !== 'string' || !entrance.includes('/') || entrances.has(entrance)) return
      const known = entrances.size === 0 ? 'no stream has a line yet' : `known are ${[...entrances].join(', ')}`
      addProblem(context, { problem: 'names no line of a stream', remedy: `Write STREAM/LINE; ${known}.` }, [
        'areas',
        areaIndex,
        'entrances',
        index,
      ])
    })
  })
}

function checkDetector({ batchSize, maxBatch }: Record<string, unknown>, context: z.core.$RefinementCtx): void {
  if (typeof batchSize === 'number' && typeof maxBatch === 'number' && batchSize > maxBatch) {
    const remedy = `Write at most ${maxBatch}, or raise detector.maxBatch.`
    addProblem(context, { problem: `is larger than detector.maxBatch (${maxBatch})`, remedy }, ['detector', 'batchSize'])
  }
}

function unique(entries: readonly unknown[], noun: string, path: PropertyKey[], context: z.core.$RefinementCtx): void {
  const seen = new Set<unknown>()
  entries.forEach((entry, index) => {
    const { id } = record(entry) as Named
    if (typeof id !== 'string') return
    if (seen.has(id))
      addProblem(context, { problem: `is the id of two ${noun}s`, remedy: `Give each ${noun} its own id.` }, [...path, index, 'id'])
    seen.add(id)
  })
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

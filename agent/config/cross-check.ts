import type { Problem } from './problem.ts'

/** Ids that are words of our own topics. */
const RESERVED_STREAMS = new Set(['area', 'command'])

/** A problem at a key. */
export interface KeyProblem extends Problem {
  readonly path: readonly PropertyKey[]
}

type Report = (problem: Problem, path: readonly PropertyKey[]) => void

/** What must hold between keys: unique ids, entrances that exist, pairs of files. Takes half-valid input, since it runs beside other faults. */
export function crossProblems(config: unknown): KeyProblem[] {
  const problems: KeyProblem[] = []
  const report: Report = (problem, path) => problems.push({ ...problem, path })
  const root = record(config)
  const streams = list(root['streams'])
  checkUnique(streams, { noun: 'stream', path: ['streams'] }, report)
  streams.forEach((stream, index) => {
    checkStream(record(stream), ['streams', index], report)
  })
  checkAreas(list(root['areas']), streams, report)
  checkDetector(record(root['detector']), report)
  checkLogin(record(root['mqtt']), report)
  return problems
}

function checkStream(stream: Record<string, unknown>, path: readonly PropertyKey[], report: Report): void {
  if (typeof stream['id'] === 'string' && RESERVED_STREAMS.has(stream['id'])) {
    report({ problem: 'is a word of our own topics', remedy: 'Choose another id for this stream.' }, [...path, 'id'])
  }
  checkUnique(list(stream['zones']), { noun: 'zone', path: [...path, 'zones'] }, report)
  checkUnique(list(stream['lines']), { noun: 'line', path: [...path, 'lines'] }, report)
  list(stream['lines']).forEach((line, index) => {
    const { from, to } = record(line)
    if (Array.isArray(from) && Array.isArray(to) && String(from) === String(to)) {
      report({ problem: 'has no length: from and to are the same point', remedy: 'Write two different points.' }, [...path, 'lines', index])
    }
  })
  if (stream['passwordFile'] !== undefined && !/^rtsps?:\/\/[^\s/:@]+@/i.test(String(stream['source']))) {
    const remedy = 'Write the user into the URL without a password, rtsp://USER@HOST/PATH, or remove passwordFile.'
    report({ problem: 'has no user to belong to', remedy }, [...path, 'passwordFile'])
  }
}

function checkAreas(areas: readonly unknown[], streams: readonly unknown[], report: Report): void {
  checkUnique(areas, { noun: 'area', path: ['areas'] }, report)
  const entrances = new Set(
    streams.flatMap((stream) =>
      list(record(stream)['lines']).map((line) => `${String(record(stream)['id'])}/${String(record(line)['id'])}`),
    ),
  )
  areas.forEach((area, areaIndex) => {
    list(record(area)['entrances']).forEach((entrance, index) => {
      if (typeof entrance !== 'string' || !entrance.includes('/') || entrances.has(entrance)) return
      const known = entrances.size === 0 ? 'no stream has a line yet' : `known are ${[...entrances].join(', ')}`
      report({ problem: 'names no line of a stream', remedy: `Write STREAM/LINE; ${known}.` }, ['areas', areaIndex, 'entrances', index])
    })
  })
}

/** The file name tells for whom a model was made. */
const OTHER_MODEL: Readonly<Record<string, string>> = { hailo: '.onnx', onnx: '.hef' }

function checkDetector({ backend, model, batchSize, maxBatch }: Record<string, unknown>, report: Report): void {
  const other = OTHER_MODEL[String(backend)]
  if (other !== undefined && String(model).endsWith(other)) {
    const remedy = `Name a ${backend === 'hailo' ? '.hef' : '.onnx'} file, or write auto for one of the two.`
    report({ problem: `is no model for detector.backend "${String(backend)}"`, remedy }, ['detector', 'model'])
  }
  if (typeof batchSize === 'number' && typeof maxBatch === 'number' && batchSize > maxBatch) {
    const remedy = `Write at most ${maxBatch}, or raise detector.maxBatch.`
    report({ problem: `is larger than detector.maxBatch (${maxBatch})`, remedy }, ['detector', 'batchSize'])
  }
}

function checkLogin({ username, passwordFile, cert, key }: Record<string, unknown>, report: Report): void {
  if (passwordFile !== undefined && username === undefined) {
    report({ problem: 'is missing: a password needs its user', remedy: 'Name the user in mqtt.username, or remove mqtt.passwordFile.' }, [
      'mqtt',
      'username',
    ])
  }
  if ((cert === undefined) === (key === undefined)) return
  const path = ['mqtt', cert === undefined ? 'cert' : 'key']
  report({ problem: 'is missing: certificate and key belong together', remedy: 'Name both mqtt.cert and mqtt.key, or neither.' }, path)
}

function checkUnique(entries: readonly unknown[], { noun, path }: { noun: string; path: readonly PropertyKey[] }, report: Report): void {
  const seen = new Set<unknown>()
  entries.forEach((entry, index) => {
    const { id } = record(entry)
    if (typeof id !== 'string') return
    if (seen.has(id)) report({ problem: `is the id of two ${noun}s`, remedy: `Give each ${noun} its own id.` }, [...path, index, 'id'])
    seen.add(id)
  })
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

import { dirname } from 'node:path'
import * as assert from 'uvu/assert'
import type { EvalReport } from '../../agent/eval/report.ts'
import { dataFile } from '../support/data.ts'
import type { Clip } from '../support/truth.ts'
import { EvalFolder } from './headcount-eval.ts'

const FILES: Readonly<Record<Clip, string>> = {
  vtest: 'vtest.avi',
  'one-by-one-person-detection': 'videos/one-by-one-person-detection.mp4',
}
const MODEL = 'models/yolox_nano.onnx'

/** What `headcount eval` says of a clip with a detector and its own defaults, but for this stream; null when this machine has no such file. */
export async function evalClip(clip: Clip, backend: 'hog' | 'onnx', stream: object | null = null): Promise<EvalReport | null> {
  const paths: string[] = []
  for (const name of [FILES[clip], `truth/${clip}.jsonl`, 'truth/crossings.json', ...(backend === 'onnx' ? [MODEL] : [])]) {
    const path = dataFile(name)
    if (path === null) return null
    paths.push(path)
  }
  const [video = '', truth = '', crossings = '', model = ''] = paths
  using folder = new EvalFolder()
  const view =
    stream === null ? [] : ['--config', folder.write('c.yaml', { streams: [{ id: 's', source: 'test', ...stream }] }), '--stream', 's']
  // A model is found as on a person's machine: in the folder of models.
  const env = { HEADCOUNT_DETECTOR_BACKEND: backend, ...(model === '' ? {} : { HEADCOUNT_MODELS: dirname(model) }) }
  return await folder.report([video, truth, '--crossings', crossings, ...view], env)
}

/** A figure that must be there and at least, or at most, this. */
export function atLeast(value: number | null, least: number, what: string): void {
  assert.ok(value !== null && value >= least, `${what}: ${value}, wanted ${least}`)
}

export function atMost(value: number | null, most: number, what: string): void {
  assert.ok(value !== null && value <= most, `${what}: ${value}, wanted at most ${most}`)
}

/** The published count changes hardly more often than the true one, and true changes are told. */
export function isSteady({ publishedChangesPerMinute, trueChangesPerMinute, lastingChanges, changesTold }: EvalReport): void {
  atMost(publishedChangesPerMinute, 1.5 * (trueChangesPerMinute ?? 0), 'published changes a minute')
  atLeast(changesTold, 0.8 * lastingChanges, 'changes told')
}

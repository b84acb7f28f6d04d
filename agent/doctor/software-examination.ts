import type { Source } from '../capture/messages.ts'
import type { Backend } from '../engine/messages.ts'
import { AgentError } from '../errors.ts'
import type { Camera } from './camera-check.ts'
import type { Examination } from './examination.ts'
import type { Finding } from './finding.ts'
import { checkGStreamer, elementsOf } from './gstreamer-check.ts'
import { checkNode } from './node-check.ts'

/** What the agent and its captures load, whatever is configured. */
const ALWAYS = ['koffi', 'better-sqlite3', 'hailort-node/ring', 'hailort-node/pixels', 'gstreamer-superficial', 'hailort-node/ringsink']

/** Node, the native parts and GStreamer: one process loads them all. The binding of HailoRT is a matter of the checks of the NPU. */
export async function examineSoftware(examination: Examination, backend: Backend): Promise<readonly Finding[]> {
  const { env, signal, cameras, nodeVersions, nodeMinimum, probeSoftware } = examination
  const kinds = kindsOf(cameras)
  const probe = await probeSoftware({ modules: [...ALWAYS, ...modulesOf(backend)], elements: elementsOf(kinds) }, { env, signal })
  return [...checkNode(nodeVersions, nodeMinimum, probe), ...checkGStreamer(kinds, probe)]
}

function kindsOf(cameras: readonly Camera[]): readonly Source['kind'][] {
  return [...new Set(cameras.flatMap(({ source }) => (source instanceof AgentError ? [] : [source.kind])))]
}

function modulesOf(backend: Backend): readonly string[] {
  if (backend === 'onnx') return ['onnxruntime-node']
  return backend === 'hog' ? ['hailort-node/vision'] : []
}

import { readFileSync } from 'node:fs'
import { installRoot } from '../install-root.ts'
import type { Source } from './messages.ts'

/** The launch template of a source kind, as it lies in gst-pipelines/: a person may read it, and change it. */
export function pipelineTemplate(kind: Source['kind']): string {
  return readFileSync(new URL(`gst-pipelines/${kind}.gst`, installRoot), 'utf8')
}

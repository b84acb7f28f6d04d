import { createRequire } from 'node:module'
import koffi from 'koffi'
import { dieWithParent } from '../supervise/parent-death.ts'
import { answerAndEnd } from './probe-answer.ts'
import type { SoftwareAnswer, SoftwareQuestion } from './software-probe.ts'

// software-probe-child.js PARENT_PID QUESTION: loads native parts and asks GStreamer for elements; prints the answer as one line of JSON.

async function load(name: string): Promise<string | null> {
  try {
    if (name === 'better-sqlite3') {
      // Its binding is loaded with the first database.
      const { default: Database } = await import('better-sqlite3')
      new Database(':memory:').close()
    } else if (name === 'gstreamer-superficial') createRequire(import.meta.url)(name)
    else await import(name)
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** The sink is ours: the elements of captures are known only after it has been registered. */
async function look(elements: readonly string[]): Promise<Record<string, boolean>> {
  const { hasElement, registerRingSink } = await import('hailort-node/ringsink')
  registerRingSink(null)
  return Object.fromEntries(elements.map((name) => [name, hasElement(name)]))
}

function gstreamerVersion(): string | null {
  try {
    return (koffi.load('libgstreamer-1.0.so.0').func('const char *gst_version_string()') as () => string)()
  } catch (_) {
    return null // There is no GStreamer: its elements are missing, which says it all.
  }
}

process.title = 'headcount: doctor'
dieWithParent(Number(process.argv[2]))
const { modules, elements } = JSON.parse(process.argv[3] ?? '{}') as SoftwareQuestion
const faults: Record<string, string | null> = {}
for (const name of modules) faults[name] = await load(name)
const gstreamer = ['gstreamer-superficial', 'hailort-node/ringsink'].every((name) => faults[name] === null)
const answer: SoftwareAnswer = { faults, elements: gstreamer ? await look(elements) : null, gstreamer: gstreamerVersion() }
answerAndEnd(answer)

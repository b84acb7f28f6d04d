import { dieWithParent } from '../supervise/parent-death.ts'
import { examineThisMachine } from './doctor.ts'
import type { InsideAnswer, InsideQuestion } from './inside-process.ts'
import { answerAndEnd } from './probe-answer.ts'

// inside-child.js PARENT_PID QUESTION: runs all checks for the running agent and prints the findings as one line of JSON.

async function answer({ file, port }: InsideQuestion): Promise<InsideAnswer> {
  try {
    const options = { file: file ?? undefined, inside: { port } }
    return { findings: await examineThisMachine(process.env, new AbortController().signal, options) }
  } catch (error) {
    return { bug: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

process.title = 'headcount: doctor'
dieWithParent(Number(process.argv[2]))
answerAndEnd(await answer(JSON.parse(process.argv[3] ?? '{}') as InsideQuestion))

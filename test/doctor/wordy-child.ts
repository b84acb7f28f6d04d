import { answerAndEnd } from '../../agent/doctor/probe-answer.ts'

// Answers with more than the kernel keeps for a reader who is busy.

answerAndEnd('x'.repeat(Number(process.argv[3])))

import { openSession } from './session-for-test.ts'

// A program of its own, so that a test can kill it without a chance to say goodbye.
openSession({ url: process.argv[2] })
setInterval(() => undefined, 1_000)

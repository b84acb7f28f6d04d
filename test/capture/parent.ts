import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'

// Forks a capture with the order it is sent, and says its pid: a parent for a test to kill.
process.on('message', (order: object) => {
  const child = fork(fileURLToPath(new URL('../../agent/capture/child.js', import.meta.url)), { execArgv: [], serialization: 'advanced' })
  child.send({ ...order, parentPid: process.pid })
  process.send?.(child.pid)
})

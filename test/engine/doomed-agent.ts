import { fork } from 'node:child_process'
import { ENGINE_ENTRY, startOrder } from './engine-child.ts'

// Plays an agent: starts an engine, says its pid, and waits to be killed.
const [doorbellsPath = ''] = process.argv.slice(2)
const engine = fork(ENGINE_ENTRY, [], { serialization: 'advanced', execArgv: [], stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
engine.on('message', (report) => {
  if ((report as { type: string }).type === 'ready') process.stdout.write(`${engine.pid ?? 0}\n`)
})
engine.send(startOrder(doorbellsPath, 'null:5'))

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { AgentProcess } from '../support/agent-process.ts'
import { eventually } from '../support/eventually.ts'
import { lives, processTree, titleOf } from '../support/process-tree.ts'

const test = suite('signals')

/** An agent with one camera, on no broker. */
function startAgent(): Promise<AgentProcess> {
  return AgentProcess.start({
    config: { detector: { backend: 'null:10' }, streams: [{ id: 'cam', source: 'test' }], mqtt: { url: 'mqtt://127.0.0.1:1' } },
  })
}

/** Waits for the captures and engines of an agent, and freezes them. */
async function freezeChildren(agent: AgentProcess): Promise<number[]> {
  const children = await eventually(
    () => {
      const found = processTree(agent.pid).filter((pid) => pid !== agent.pid && titleOf(pid).startsWith('headcount:'))
      return found.length >= 2 && found
    },
    { what: 'capture and engine run', withinMs: 30_000, log: () => agent.log },
  )
  for (const pid of children) process.kill(pid, 'SIGSTOP')
  return children
}

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
  test(`ends cleanly with 0 on ${signal}, and leaves no ring`, async () => {
    await using agent = await startAgent()
    agent.process.kill(signal)
    assert.is(await agent.exited(), 0, agent.log)
    assert.not(existsSync(join(agent.runtimeDir, 'rings')))
  })
}

test('ends at once on a second signal although children are frozen, and takes them along', async () => {
  await using agent = await startAgent()
  const children = await freezeChildren(agent)
  agent.process.kill('SIGTERM')
  await eventually(() => agent.log.includes('Ending'), { what: 'the first signal has come' })
  const startedMs = performance.now()
  agent.process.kill('SIGTERM')
  assert.is(await agent.exited(), 143)
  // A clean end would wait for the frozen ones; killing does not.
  assert.ok(performance.now() - startedMs < 10_000)
  await eventually(() => !children.some(lives), { what: 'no child is left' })
})

test('ends within its limit although children are frozen', async () => {
  await using agent = await startAgent()
  const children = await freezeChildren(agent)
  const startedMs = performance.now()
  agent.process.kill('SIGTERM')
  await agent.exited()
  const tookMs = performance.now() - startedMs
  // 5 s are promised; the machine may be loaded. Without a limit it would take for ever.
  assert.ok(tookMs < 15_000, `took ${Math.round(tookMs)} ms`)
  await eventually(() => !children.some(lives), { what: 'no child is left' })
})

test.run()

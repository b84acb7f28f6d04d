import { readdirSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { eventually } from '../support/eventually.ts'
import { lives, processTree, titleOf } from '../support/process-tree.ts'
import { EvalFolder } from './headcount-eval.ts'
import { standingTruth, writeGreyClip } from './painted-clip.ts'

const FRAMES = 30

const test = suite('headcount eval, early ends')

/** A run whose detector takes 2 s a batch, once frames go through it. */
async function slowRun() {
  const folder = new EvalFolder()
  const clip = folder.file('hall.avi')
  await writeGreyClip(clip, FRAMES)
  const truth = folder.write('hall.jsonl', standingTruth(FRAMES))
  const run = folder.start([clip, truth], { HEADCOUNT_DETECTOR_BACKEND: 'null:2000' })
  const children = await eventually(
    () => {
      const found = processTree(run.child.pid ?? 0).filter((pid) => pid !== run.child.pid)
      const titles = found.map(titleOf)
      return titles.includes('headcount: capture clip') && titles.includes('headcount: engine null:2000') && found
    },
    { what: 'capture and engine run', withinMs: 60_000, log: () => run.text.err },
  )
  return { folder, clip, truth, ...run, children, [Symbol.dispose]: () => folder[Symbol.dispose]() }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test(`${signal} ends it within its limit, with 1 and without a score, and leaves neither process nor file`, async () => {
    using run = await slowRun()
    run.child.kill(signal)
    const { code, out, err } = await run.ended
    assert.equal([code, out], [1, ''], err)
    assert.match(err, 'nothing is scored')
    await eventually(() => !run.children.some(lives), { what: 'no child is left' })
    assert.equal(readdirSync(run.folder.runtimeDir), [])
  })
}

test('an engine or a capture that is killed is told, and no half of a score', async () => {
  for (const [title, code] of [
    ['headcount: engine null:2000', 'ENGINE_DIED'],
    ['headcount: capture clip', 'CAPTURE_DIED'],
  ] as const) {
    using run = await slowRun()
    const victim = run.children.find((pid) => titleOf(pid) === title) ?? 0
    process.kill(victim, 'SIGKILL')
    const ended = await run.ended
    assert.equal([ended.code, ended.out], [1, ''], ended.err)
    assert.match(ended.err, `by SIGKILL before the clip was over`)
    assert.match(ended.err, `[${code}]`)
    assert.not(run.children.some(lives))
  }
})

test('a run that was killed leaves nothing that the next one does not clear away', async () => {
  using run = await slowRun()
  run.child.kill('SIGKILL')
  await run.ended
  await eventually(() => !run.children.some(lives), { what: 'the children die with it' })
  assert.ok(readdirSync(run.folder.runtimeDir).length > 0)
  assert.is((await run.folder.report([run.clip, run.truth], { HEADCOUNT_DETECTOR_BACKEND: 'null:1' })).exact, 1)
  assert.equal(readdirSync(run.folder.runtimeDir), [])
})

test.run()

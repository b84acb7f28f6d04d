import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Progress } from '../../agent/eval/progress.ts'

/** What is written while so many frames of 200 are counted, one after the other. */
function written(frames: number, isTTY: boolean | undefined): string {
  let text = ''
  const write = (more: string) => {
    text += more
  }
  {
    using progress = new Progress({ write, ...(isTTY === undefined ? {} : { isTTY }) })
    for (let done = 1; done <= frames; done++) progress.show(done, 200)
  }
  return text
}

const test = suite('progress of eval')

test('a terminal has one line that is wiped at the end, and is not written to for each frame', () => {
  const text = written(200, true)
  assert.ok(text.startsWith('\r\u001B[Kframe 1 of 200, 0 %'), JSON.stringify(text))
  assert.ok(text.endsWith('\r\u001B[K'))
  assert.not.match(text, '\n')
  assert.ok(text.split('\r').length < 100)
})

test('a file or a pipe, and a terminal before the first frame, have nothing', () => {
  assert.is(written(200, undefined), '')
  assert.is(written(200, false), '')
  assert.is(written(0, true), '')
})

test.run()

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { countSentence } from '../../agent/demo/count-watch.ts'
import { Screen } from '../../agent/demo/screen.ts'
import { openLog, openPrint } from '../../agent/log.ts'

const test = suite('demo screen')

const WIPE = '\r\u001B[K'

function screen(isTTY: boolean): { screen: Screen; written: () => string; write: (text: string) => void } {
  let text = ''
  const write = (more: string) => {
    text += more
  }
  return { screen: new Screen({ isTTY, write }), written: () => text, write }
}

test('changes one line in place on a terminal', () => {
  const { screen: terminal, written } = screen(true)
  terminal.change('3 people')
  terminal.change('4 people')
  terminal.keep()
  assert.is(written(), `3 people${WIPE}4 people\n`)
})

test('writes a line a change elsewhere, and none for no change', () => {
  const { screen: file, written } = screen(false)
  file.change('3 people')
  file.change('3 people')
  file.change('4 people')
  assert.is(written(), '3 people\n4 people\n')
})

test('keeps the log and the changing line apart', () => {
  const { screen: terminal, written, write } = screen(true)
  terminal.change('3 people')
  terminal.sharing(openLog({ level: 'info', write, journal: false })).info('a camera came back')
  assert.is(written(), `3 people${WIPE}INFO  a camera came back\n3 people`)
})

test('keeps what others print and the changing line apart', () => {
  const { screen: terminal, written, write } = screen(true)
  terminal.change('3 people')
  const print = terminal.sharingPrint(openPrint({ write, journal: false, unreadBytes: () => 0 }))
  assert.is(print('warn', 'capture clip: a word'), true)
  assert.is(written(), `3 people${WIPE}WARN  capture clip: a word\n3 people`)
})

test('never reads an unknown count as a number', () => {
  assert.is(countSentence('1'), '1 person in view')
  assert.is(countSentence('0'), '0 people in view')
  assert.match(countSentence('unknown'), 'not known')
})

test.run()

import type { MqttClient } from 'mqtt'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Delivery, Link, refusalOf } from '../../agent/mqtt/link.ts'

const test = suite('mqtt link')

type Answer = (error?: Error) => void

/** A link whose broker answers when the test says so. */
function link(receiveMaximum = Number.POSITIVE_INFINITY) {
  const sent: string[] = []
  const answers: Answer[] = []
  const told: string[] = []
  // Of the library's client a link uses this alone.
  const client = {
    publish: (topic: string, _payload: string, _options: object, answer: Answer) => {
      sent.push(topic)
      answers.push(answer)
    },
  } as unknown as MqttClient
  const opened = new Link(client, { receiveMaximum, answered: (topic, refusal) => told.push(`${topic} ${refusal}`) })
  const publish = (topic: string) => opened.publish(topic, '', { retain: false })
  return { link: opened, publish, sent, answers, told }
}

const refusal = (code: number) => Object.assign(new Error('refused'), { code })

test('has no more under way than the broker allows, and keeps the order', async () => {
  const { publish, sent, answers } = link(3)
  const deliveries = Array.from({ length: 10 }, (_, index) => publish(`t${index}`))
  assert.equal(sent, ['t0', 't1', 't2'])
  for (let n = 0; n < 10; n++) answers[n]?.()
  assert.equal(sent, ['t0', 't1', 't2', 't3', 't4', 't5', 't6', 't7', 't8', 't9'])
  assert.ok((await Promise.all(deliveries)).every((delivery) => delivery === 'acknowledged'))
})

test('has sixteen under way where the broker sets no limit', () => {
  const { publish, sent } = link()
  for (let n = 0; n < 40; n++) void publish(`t${n}`)
  assert.is(sent.length, 16)
})

test('tells a refusal from a loss', async () => {
  const { publish, answers, told } = link()
  const deliveries = [publish('taken'), publish('refused'), publish('lost')]
  answers[0]?.()
  answers[1]?.(refusal(135))
  answers[2]?.(new Error('Connection closed'))
  assert.equal(await Promise.all(deliveries), ['acknowledged', 'refused', 'lost'])
  assert.equal(told, ['taken null', 'refused 135'])
  assert.is(refusalOf(refusal(151)), 151)
  for (const error of [refusal(16), new Error('x'), Object.assign(new Error('x'), { code: 'ECONNRESET' })])
    assert.is(refusalOf(error), null)
})

test('everything is lost when the connection goes, answered later or not', async () => {
  const { link: opened, publish, sent, answers, told } = link(2)
  const deliveries: Promise<Delivery>[] = [publish('a'), publish('b'), publish('c')]
  opened.part()
  assert.equal(await Promise.all(deliveries), ['lost', 'lost', 'lost'])
  for (const answer of answers) answer()
  assert.is(await publish('d'), 'lost')
  assert.equal(sent, ['a', 'b'])
  assert.equal(told, [])
})

test.run()

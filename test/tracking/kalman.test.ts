import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { correctAxis, predictAxis, startAxis } from '../../agent/tracking/kalman.ts'
import { randomFrom } from './random.ts'

const test = suite('kalman')

const close = (actual: number, expected: number, within: number) =>
  assert.ok(Math.abs(actual - expected) <= within, `${actual} is within ${within} of ${expected}`)

test('learns the velocity from positions at uneven times', () => {
  const random = randomFrom(2)
  let timeS = 0
  let axis = startAxis(0, 0.01, 1)
  for (let look = 0; look < 60; look++) {
    const stepS = 0.03 + random() * 0.3
    timeS += stepS
    axis = correctAxis(predictAxis(axis, stepS, 0.01), 0.2 * timeS + (random() - 0.5) * 0.01, 0.005)
  }
  close(axis.velocity, 0.2, 0.02)
  close(axis.position, 0.2 * timeS, 0.01)
})

test('one step over a gap equals many small ones', () => {
  const start = correctAxis(predictAxis(startAxis(0.5, 0.02, 0.3), 0.1, 0.4), 0.53, 0.02)
  const once = predictAxis(start, 1, 0.4)
  let many = start
  for (let step = 0; step < 50; step++) many = predictAxis(many, 0.02, 0.4)
  for (const key of ['position', 'velocity', 'positionVariance', 'covariance', 'velocityVariance'] as const)
    close(many[key], once[key], 1e-9)
})

test('stays a covariance: variances positive, correlation below one', () => {
  const random = randomFrom(3)
  let axis = startAxis(0.5, 0.02, 0.5)
  for (let look = 0; look < 5_000; look++) {
    axis = predictAxis(axis, random() < 0.1 ? 0 : random() * 3, 0.4)
    if (random() < 0.7) axis = correctAxis(axis, random(), 0.001 + random() * 0.1)
    assert.ok(axis.positionVariance > 0 && axis.velocityVariance > 0)
    assert.ok(axis.covariance ** 2 <= axis.positionVariance * axis.velocityVariance * (1 + 1e-9))
  }
})

test.run()

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseTemplate, renderCommand, renderPayload } from './discovery-template.ts'

const test = suite('discovery templates')

test('render as Jinja does', () => {
  const payload = '{"a": {"b": 0.618, "n": null}, "z": {"desk": {"s": 4}}, "t": {"cpu": 51.2, "gpu": 60}, "e": {}}'
  const said = (expression: string) => renderPayload(`{{ ${expression} }}`, payload)
  assert.is(said('value_json.a.b'), '0.618')
  assert.is(said('value_json.a.n'), 'None')
  assert.is(said('value_json.a.missing'), '')
  assert.is(said('(value_json.a.b * 100) | round(1)'), '61.8')
  assert.is(said("value_json.z['desk'].s if 'desk' in value_json.z else None"), '4')
  assert.is(said("value_json.z['bar'].s if 'bar' in value_json.z else None"), 'None')
  assert.is(said('value_json.t.values() | max if value_json.t else None'), '60')
  assert.is(said('value_json.e.values() | max if value_json.e else None'), 'None')
  assert.is(said('1 if value_json.a and value_json.a.n is not none else 2'), '2')
  assert.is(said('1 if value_json.a.n is none else 2'), '1')
  assert.is(said("{'b': value_json.a.b, 'n': value_json.a.n} | tojson"), '{"b":0.618,"n":null}')
  assert.is(said('value_json.a.b | int'), '0')
  assert.is(renderCommand("{{ {'type': 'SET', 'value': value | int} | tojson }}", 3), '{"type":"SET","value":3}')
  assert.is(renderPayload("{{ 'online' if value == 'degraded' else value }}", 'degraded'), 'online')
  assert.is(renderPayload("{{ value if value != 'unknown' else None }}", 'unknown'), 'None')
})

test('fail where Home Assistant would log an error', () => {
  const fails = (expression: string, payload = '{"a": {"n": null}}') =>
    assert.throws(
      () => renderPayload(`{{ ${expression} }}`, payload),
      (error: Error) => error.constructor.name === 'TemplateError',
      expression,
    )
  fails('value_json.missing.field')
  fails('value_json.a.n.x.y')
  fails('value_json.a.n * 100')
  fails('value_json.a.n | int')
  fails('value_json.a', '{"a": {"b": 1}}')
  fails('value_json.a', '')
})

test('that are no templates are refused', () => {
  for (const text of [
    'value',
    '{{ value',
    '{{ }}',
    '{{ value if }}',
    '{{ value | nonsense }}',
    '{{ value value }}',
    '{{ a }} {{ b }}',
    '{{ a ; b }}',
    '{{ (a }}',
    '{% if a %}',
  ])
    assert.throws(
      () => parseTemplate(text),
      (error: Error) => error.constructor.name === 'TemplateError',
      text,
    )
})

test.run()

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'
import { composeConfig } from '../../agent/config/load.ts'
import { configJsonSchema, printConfig } from '../../agent/config/print.ts'
import { configSchema } from '../../agent/config/schema.ts'

const test = suite('printed configuration')
const overrides = { settings: { http: { port: 9_000 } }, streams: {}, added: {} }
const places = { stateDir: '/state', cacheDir: '/cache' }

/** What `config print` says of these values. */
function printed(values: Record<string, unknown>, env: Record<string, string> = {}): string {
  const { config, originOf } = composeConfig({ values, overrides, env, places, path: null })
  return printConfig(config, originOf)
}

test('shows where each value comes from', () => {
  const text = printed({ node: 'door', streams: [{ id: 'a', source: 'test' }] }, { HEADCOUNT_TRACKING_BUFFER: '12' })
  assert.match(text, 'node: door # file')
  assert.match(text, 'port: 9000 # overrides')
  assert.match(text, 'buffer: 12 # environment')
  assert.match(text, 'jpegQuality: 75 # default')
  assert.match(text, 'source: test # file')
  assert.match(text, 'width: 640 # default')
})

test('can be read again', () => {
  const values = {
    node: 'door',
    streams: [
      {
        id: 'a',
        source: 'test',
        zones: [
          {
            id: 'z',
            polygon: [
              [0, 0],
              [1, 0],
              [1, 1],
            ],
          },
        ],
      },
    ],
  }
  const { config, originOf } = composeConfig({ values, overrides, env: {}, places, path: null })
  assert.equal(configSchema.parse(parse(printConfig(config, originOf))), config)
})

test('masks passwords and shows the names of password files', () => {
  const text = printed({
    streams: [{ id: 'a', source: 'rtsp://me:geheim@cam/1' }],
    mqtt: { username: 'me', passwordFile: '/etc/headcount/mqtt.password' },
  })
  assert.not.match(text, 'geheim')
  assert.match(text, 'rtsp://me:***@cam/1')
  assert.match(text, '/etc/headcount/mqtt.password')
})

test('has a JSON Schema in which every key is explained', () => {
  interface Shape {
    readonly description?: string
    readonly properties?: Record<string, Shape>
    readonly items?: Shape
  }
  const unexplained: string[] = []
  const walk = (shape: Shape, path: string): void => {
    for (const [key, child] of Object.entries(shape.properties ?? {})) {
      const groups = child.properties ?? child.items?.properties
      if (groups) walk(child.properties ? child : (child.items ?? {}), `${path}${key}.`)
      else if (!child.description && !['id', 'polygon', 'from', 'to'].includes(key)) unexplained.push(path + key)
    }
  }
  walk(configJsonSchema(), '')
  assert.equal(unexplained, [])
})

test.run()

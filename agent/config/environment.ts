import { parse } from 'yaml'
import { z } from 'zod'
import { nearestName, schemaAt, settingPaths } from './keys.ts'
import type { Tree } from './layers.ts'
import type { Environment } from './places.ts'
import { configSchema } from './schema.ts'

const PREFIX = 'HEADCOUNT_'

/** Variables with a meaning of their own. */
const OTHER_VARIABLES = ['CONFIG', 'RUNTIME_DIR', 'STATE_DIR', 'MODELS', 'MQTT_PASSWORD'].map((name) => PREFIX + name)

/** `HEADCOUNT_DETECTOR_SCORE_THRESHOLD` of `detector.scoreThreshold`. */
export function variableName(path: readonly string[]): string {
  return PREFIX + path.map((key) => key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()).join('_')
}

const settings = new Map(settingPaths(configSchema).map((path) => [variableName(path), path]))

/** Settings given by the environment, and what looks like a mistyped one. */
export function environmentLayer(env: Environment): { values: Tree; notes: string[] } {
  const values: Tree = {}
  const notes: string[] = []
  for (const [variable, text] of Object.entries(env)) {
    if (!variable.startsWith(PREFIX) || text === undefined || text === '') continue
    const path = settings.get(variable)
    if (path) place(values, path, readValue(path, text))
    else {
      const meant = nearestName(variable, [...settings.keys(), ...OTHER_VARIABLES])
      if (meant && !OTHER_VARIABLES.includes(variable) && !variable.startsWith(`${PREFIX}TEST`)) {
        notes.push(`The environment variable ${variable} means nothing; did you mean ${meant}?`)
      }
    }
  }
  return { values, notes }
}

/** Text where the key takes text ("1234" is a valid user name), else what YAML makes of it. */
function readValue(path: readonly string[], text: string): unknown {
  const schema = schemaAt(configSchema, path)
  if (schema && z.safeParse(schema, text).success) return text
  try {
    return parse(text)
  } catch (_) {
    return text // The schema says what is wrong with it.
  }
}

function place(tree: Tree, path: readonly string[], value: unknown): void {
  const [key = '', ...rest] = path
  if (rest.length === 0) {
    tree[key] = value
    return
  }
  const group = (tree[key] ?? {}) as Tree
  tree[key] = group
  place(group, rest, value)
}

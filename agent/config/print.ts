import { Document, isCollection, isMap, type Node } from 'yaml'
import { z } from 'zod'
import { isTree, leaves, type Origin } from './layers.ts'
import { type Config, configSchema } from './schema.ts'
import { maskSecrets } from './secrets.ts'

/** The configuration as YAML that can be used again but for its secrets, each value followed by where it comes from. */
export function printConfig(config: Config, originOf: (path: readonly PropertyKey[]) => Origin): string {
  const document = new Document(masked(config))
  for (const leaf of leaves(config)) {
    const node = document.getIn(leaf.path, true) as Node | undefined
    if (!node) continue
    if (isCollection(node)) node.flow = true
    node.comment = ` ${originOf(leaf.path)}`
  }
  if (isMap(document.contents)) document.commentBefore = ' value # default | file | overrides | environment'
  return document.toString({ lineWidth: 0 })
}

function masked(value: unknown): unknown {
  if (typeof value === 'string') return maskSecrets(value)
  if (Array.isArray(value)) return value.map(masked)
  if (isTree(value)) return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, masked(inner)]))
  return value
}

/** JSON Schema of the configuration file, for editors. */
export function configJsonSchema(): object {
  return { title: 'headcount configuration', ...z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }) }
}

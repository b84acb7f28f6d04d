import { configSchema } from '../../agent/config/schema.ts'
import type { Backend, DetectorOrder } from '../../agent/engine/messages.ts'
import { orderFor } from '../../agent/supervise/detector-order.ts'

/** What an engine is told with the defaults of the configuration, but for these changes. */
export function defaultOrder(backend: Backend, changes: Partial<DetectorOrder> = {}): DetectorOrder {
  const order = orderFor('hog', configSchema.parse({}), { onnxModels: [], npu: false, hefFolders: [] })
  return { ...order, backend, ...changes }
}

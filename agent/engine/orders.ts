import type { EngineOrder } from './messages.ts'

/** An order as it came over IPC, or null for what is none. Only what a wrong order could break is looked at; the agent is trusted. */
export function parseOrder(message: unknown): EngineOrder | null {
  if (typeof message !== 'object' || message === null || !('type' in message)) return null
  const order = message as Record<string, unknown> & { readonly type: unknown; readonly stream?: unknown }
  switch (order.type) {
    case 'start':
      return isStart(order) ? (message as EngineOrder) : null
    case 'attach':
      return isAttach(order) ? (message as EngineOrder) : null
    case 'detach':
      return isText(order.stream) ? (message as EngineOrder) : null
    case 'stop':
      return { type: 'stop' }
    default:
      return null
  }
}

function isStart({ detector, doorbellsPath, doorbell, parentPid }: Record<string, unknown>): boolean {
  if (typeof detector !== 'object' || detector === null || !isText(doorbellsPath)) return false
  const { backend, tracking, scoreThreshold, batchSize, maxBatch } = detector as Record<string, unknown>
  const numbers = [doorbell, parentPid, scoreThreshold, batchSize, maxBatch]
  return isText(backend) && typeof tracking === 'object' && tracking !== null && numbers.every(Number.isFinite)
}

function isAttach({ stream, ringPath, detectFps, weight }: Record<string, unknown>): boolean {
  return isText(stream) && isText(ringPath) && isPositive(detectFps) && isPositive(weight)
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function isPositive(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value > 0
}

import { readFileSync } from 'node:fs'
import { connectAsync } from 'mqtt'
import { AgentProcess, type AgentProcessOptions } from '../support/agent-process.ts'
import type { Broker } from '../support/broker.ts'
import type { MqttRecorder } from '../support/mqtt-recorder.ts'
import { lives, processTree } from '../support/process-tree.ts'

/** The `null` detector answers three boxes, always: any other number is a lie about the world. */
export const PERSONS = '3'
export const FRAME = { width: 320, height: 240, fps: 15 }
export const DOOR = { id: 'door', source: 'test', frame: FRAME }

/** An agent `rig` with these streams on this broker. */
export function startChain(url: string, streams: readonly object[] = [DOOR], options: Partial<AgentProcessOptions> = {}) {
  const { config, ...others } = options
  return AgentProcess.start({ config: { node: 'rig', mqtt: { url }, detector: { backend: 'null:5' }, streams, ...config }, ...others })
}

/** Living captures (of one stream) and engines below an agent, also those that have not told their name yet. */
export function childrenOf(agent: AgentProcess, kind: 'capture' | 'engine', stream = ''): number[] {
  return processTree(agent.pid).filter((pid) => {
    const line = commandLine(pid)
    return (
      lives(pid) && (line.startsWith(`headcount: ${kind} ${stream}`.trim()) || line.includes(`agent/${kind}/child.js ${stream}`.trim()))
    )
  })
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
  } catch {
    return '' // ended meanwhile
  }
}

/** A request with a JSON body. */
export function json(method: string, body: unknown): RequestInit {
  return { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}

/** An order over HTTP; throws when it is not obeyed. */
export async function order(agent: AgentProcess, path: string, init: RequestInit = { method: 'POST' }): Promise<void> {
  const response = await agent.get(path, init)
  const text = await response.text()
  if (!response.ok) throw new Error(`${init.method ?? 'GET'} ${path}: ${response.status} ${text}\n${agent.log}`)
}

/** Sends commands over MQTT, one after the other, and returns their answers. */
export async function command(broker: Broker, mqtt: MqttRecorder, body: object): Promise<{ ok: boolean; code?: string }> {
  const client = await connectAsync(broker.url)
  const request_id = `${Math.random()}`
  try {
    await client.publishAsync('headcount/rig/command', JSON.stringify({ ...body, request_id }), { qos: 1 })
    const answer = await mqtt.until('headcount/rig/command/result', (text) => text.includes(request_id))
    return JSON.parse(answer) as { ok: boolean; code?: string }
  } finally {
    await client.endAsync()
  }
}

import { areaTopic, NODE_STATUS, streamTopics, topicName } from './topics.ts'

/** All that a headcount retains below its node but its own status, by suffix, as filters. */
export const RETAINED_FORMS: readonly string[] = [...streamTopics({ id: '+', zones: [{ id: '+' }], lines: [{ id: '+' }] }), areaTopic('+')]

/** The node that says at this topic whether it is there; null: it is none below our prefix, and what is there is nothing of ours. */
export function nodeOfStatus(prefix: string, statusTopic: string): string | null {
  const node = statusTopic.slice(prefix.length + 1, -NODE_STATUS.length - 1)
  return node !== '' && !node.includes('/') && statusTopic === topicName(prefix, node, NODE_STATUS) ? node : null
}

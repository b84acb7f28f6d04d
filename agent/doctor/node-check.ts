import { type Finding, ok } from './finding.ts'
import type { ProbeOutcome } from './probe-process.ts'
import type { SoftwareAnswer } from './software-probe.ts'

const CHECK = 'node'
const BUILD = 'In the folder of headcount run ./install.sh --prepare; an installed one is mended by sudo ./install.sh.'

/** As process.versions has them. */
export interface NodeVersions {
  readonly node: string
  /** NODE_MODULE_VERSION, the version of the interface that native parts are built for. */
  readonly modules: string
}

/** Is Node new enough, and were the native parts built for it? `minimum` is as in `engines`: ">=20.19". */
export function checkNode({ node, modules }: NodeVersions, minimum: string, probe: ProbeOutcome<SoftwareAnswer>): readonly Finding[] {
  const findings = [checkVersion(node, minimum)]
  if (probe.state !== 'answered') {
    const how =
      probe.state === 'hung' ? `did not load within ${probe.limitMs / 1_000} s` : `ended the process that loaded them (${probe.how})`
    return [...findings, broken(`The native parts ${how}.`)]
  }
  const faults = Object.entries(probe.answer.faults).filter(([, fault]) => fault !== null)
  if (faults.length > 0) return [...findings, ...faults.map(([name, fault]) => broken(brief(name, fault ?? '', modules)))]
  return [...findings, ok(CHECK, `All native parts load (Node's interface ${modules}).`)]
}

function checkVersion(node: string, minimum: string): Finding {
  const wanted = minimum.replace(/^\D+/, '')
  if (compare(node, wanted) >= 0) return ok(CHECK, `Node ${node} is new enough (${wanted} or newer).`)
  const remedy = 'Run ./install.sh: it brings a Node that is new enough.'
  return {
    check: CHECK,
    severity: 'failed',
    what: `Node ${node} is older than ${wanted}.`,
    why: 'headcount is made for newer ones.',
    remedy,
  }
}

function brief(name: string, fault: string, modules: string): string {
  if (/NODE_MODULE_VERSION/.test(fault)) return `${name} was built for another Node than this one (interface ${modules}).`
  return `${name} cannot be loaded: ${(fault.split('\n')[0] ?? '').slice(0, 200)}`
}

function broken(what: string): Finding {
  return { check: CHECK, severity: 'failed', what, why: 'headcount does not run without it.', remedy: BUILD }
}

function compare(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => text.split('.').map(Number)) as [number[], number[]]
  const index = left.findIndex((part, place) => part !== (right[place] ?? 0))
  return index < 0 ? 0 : (left[index] ?? 0) - (right[index] ?? 0)
}

export type Labels = Readonly<Record<string, string>>

/** One value with its labels. */
export interface Sample {
  readonly labels?: Labels
  /** null: not known; the sample is left out. */
  readonly value: number | null
}

/** All values of one name. A counter only grows, but for a restart of what it counts, and its name ends in `_total`. */
export interface MetricFamily {
  readonly name: string
  readonly type: 'counter' | 'gauge'
  readonly help: string
  readonly samples: readonly Sample[]
}

export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/**
 * Prometheus' text format 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats). prom-client would bring a registry that is filled as
 * things happen; here everything is counted already, and one answer shows it all as it is.
 */
export function metricsText(families: readonly MetricFamily[]): string {
  return families.map(familyText).join('')
}

function familyText({ name, type, help, samples }: MetricFamily): string {
  const known = samples.filter(({ value }) => value !== null && Number.isFinite(value))
  if (known.length === 0) return ''
  const lines = known.map(({ labels, value }) => `${name}${labelText(labels)} ${value ?? ''}\n`)
  return `# HELP ${name} ${escaped(help)}\n# TYPE ${name} ${type}\n${lines.join('')}`
}

function labelText(labels: Labels = {}): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${escaped(value).replaceAll('"', '\\"')}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}

import type { MachineFiles } from './machine-files.ts'

/** How headcount's processes call themselves. */
const OURS = /^headcount: |\/dist\/agent\/main\.js/
const LONGEST_LINE = 200

/** All processes by their short names; of headcount's own also what stands on their command line. One a line, ended ones left out. */
export async function processList(files: MachineFiles): Promise<string> {
  const pids = (await files.names('/proc')).filter((name) => /^\d+$/.test(name))
  const lines = await Promise.all(pids.map((pid) => processLine(files, pid)))
  return ['pid ppid state rssKb threads name', ...lines.filter((line) => line !== null)].join('\n')
}

async function processLine(files: MachineFiles, pid: string): Promise<string | null> {
  const status = await files.text(`/proc/${pid}/status`)
  if (status === null) return null
  const of = (name: string) => new RegExp(`^${name}:\\s+(\\S+)`, 'm').exec(status)?.[1] ?? '-'
  const commandLine = (await files.text(`/proc/${pid}/cmdline`))?.replaceAll('\0', ' ').trim() ?? ''
  const name = OURS.test(commandLine) ? commandLine.slice(0, LONGEST_LINE) : of('Name')
  return [pid, of('PPid'), of('State'), of('VmRSS'), of('Threads'), name].join(' ')
}

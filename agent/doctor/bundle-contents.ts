import { arch, version as kernelVersion, release } from 'node:os'
import { join } from 'node:path'
import { packageVersion } from '../commands/version.ts'
import { printConfig } from '../config/print.ts'
import { redactor } from '../config/redactor.ts'
import { AgentError } from '../errors.ts'
import type { Examination } from './examination.ts'
import type { Finding } from './finding.ts'
import type { MachineFiles } from './machine-files.ts'
import { processList } from './process-list.ts'
import { knownSecrets, SECRET_NAME } from './redaction.ts'
import { reportText } from './report.ts'

const JOURNAL_LIMIT_MS = 20_000
const PACKAGES = /^(gstreamer1\.0-|hailo|python3-hailo|libcamera|rpicam|libopencv|mosquitto|nodejs|systemd\b|linux-image-)/
const VARIABLES = /^(HEADCOUNT_|HAILORT_|HAILO_|GST_|NODE_|STATE_DIRECTORY|RUNTIME_DIRECTORY|CACHE_DIRECTORY|TZ$|LANG$)/
const PROC = ['meminfo', 'loadavg', 'uptime', 'version', 'cpuinfo', 'modules', 'self/mounts', 'device-tree/model', 'vmstat']
const PRESSURE = ['cpu', 'io', 'memory']

/**
 * What a bug report needs, by name of file, without secrets: findings, configuration, versions, log, processes, facts of the machine, names
 * and sizes of what is kept. Nothing that headcount has recorded is in it: no picture, no history.
 */
export async function bundleContents(examination: Examination, findings: readonly Finding[]): Promise<ReadonlyMap<string, string>> {
  const { files, config, env, loaded, ask, places, runtimeDir } = examination
  const journal = ['--unit=headcount.service', '--lines=2000', '--output=short-iso', '--no-pager', '--quiet']
  const contents: readonly (readonly [string, string | null])[] = [
    ['findings.json', JSON.stringify(findings, null, 2)],
    ['findings.txt', reportText(findings)],
    [
      'config.yaml',
      loaded instanceof AgentError ? `# ${loaded.what.replaceAll('\n', '\n# ')}` : printConfig(loaded.config, loaded.originOf),
    ],
    ['versions.json', JSON.stringify(await versions(examination), null, 2)],
    ['environment.txt', environment(env)],
    [
      'journal.txt',
      (await ask('journalctl', journal, JOURNAL_LIMIT_MS)) || 'The journal has no line of headcount, or is not for this user.',
    ],
    ['processes.txt', await processList(files)],
    ['state-folder.txt', await listing(files, [places.stateDir, join(places.stateDir, 'history')])],
    ['runtime-folder.txt', await listing(files, [runtimeDir, join(runtimeDir, 'rings')])],
    ...(await Promise.all(PROC.map(async (name) => [`proc/${name.replaceAll('/', '-')}`, await files.text(`/proc/${name}`)] as const))),
    ...(await Promise.all(PRESSURE.map(async (name) => [`proc/pressure-${name}`, await files.text(`/proc/pressure/${name}`)] as const))),
  ]
  const written = loaded instanceof AgentError ? [] : [loaded.values, loaded.overrides]
  const redacted = redactor(await knownSecrets(config, env, written))
  return new Map(
    contents.filter((entry): entry is readonly [string, string] => entry[1] !== null).map(([name, text]) => [name, redacted(text)]),
  )
}

async function versions({ files, ask }: Examination): Promise<object> {
  const packages = await ask('dpkg-query', ['--show'])
  return {
    headcount: packageVersion(),
    ...{ node: process.version, modules: process.versions.modules, arch: arch() },
    ...{ kernel: release(), kernelVersion: kernelVersion() },
    os: await files.text('/etc/os-release'),
    packages: packages?.split('\n').filter((line) => PACKAGES.test(line)) ?? null,
  }
}

function environment(env: NodeJS.ProcessEnv): string {
  const shown = Object.entries(env).filter(([name]) => VARIABLES.test(name))
  return shown.map(([name, value]) => `${name}=${SECRET_NAME.test(name) ? '***' : (value ?? '')}`).join('\n')
}

/** Names, sizes and rights; nothing of what is inside. */
async function listing(files: MachineFiles, folders: readonly string[]): Promise<string> {
  const lines: string[] = []
  for (const folder of folders) {
    const names = await files.names(folder)
    lines.push(`${folder}: ${names.length === 0 ? 'nothing to see' : ''}`)
    for (const name of names) {
      const found = await files.stat(join(folder, name))
      if (typeof found === 'string') lines.push(`  ? ${name} (${found})`)
      else lines.push(`  ${(found.mode & 0o7777).toString(8)} ${found.uid}:${found.gid} ${found.size} ${found.mtime.toISOString()} ${name}`)
    }
  }
  return lines.join('\n')
}

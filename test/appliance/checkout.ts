import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { mustRun } from './host-command.ts'
import type { Machine } from './machine.ts'

/** Where a person's clone lies in a machine. */
export const CLONE = '/opt/src'

/** What a clone has not: made by installing and building. */
const MADE = ['.git', 'node_modules', 'dist', 'native/build', 'native/dist', 'native/opencv']

/** Puts what a fresh clone of `source` would have into a machine; files there that are not in it stay. */
export async function copyCheckout(source: string, machine: Pick<Machine, 'at'>): Promise<void> {
  const target = machine.at(CLONE)
  const excluded = MADE.map((path) => `--exclude=./${path}`).join(' ')
  await mustRun('sh', ['-c', `mkdir -p "$1" && cd "$0" && tar -cf - ${excluded} . | tar -xf - --no-same-owner -C "$1"`, source, target])
}

/** Makes another version of the clone in the machine. */
export async function setVersion(machine: Machine, version: string): Promise<void> {
  const path = machine.at(join(CLONE, 'package.json'))
  await writeFile(path, (await readFile(path, 'utf8')).replace(/"version": "[^"]*"/, `"version": "${version}"`))
}

/** The version of the clone in the machine. */
export async function versionOf(machine: Machine): Promise<string> {
  const { version } = JSON.parse(await readFile(machine.at(join(CLONE, 'package.json')), 'utf8')) as { version: string }
  return version
}

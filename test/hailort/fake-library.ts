import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'

export interface FakeLibrary {
  readonly version: readonly [number, number, number]
  /** Functions of the C API it does not have, without `hailo_`; `all`: it has none but get_library_version. */
  readonly without?: readonly string[] | 'all'
  /** What get_library_version answers. */
  readonly versionStatus?: number
  /** What all the others answer. */
  readonly status?: number
  /** What get_status_message answers to every number. */
  readonly statusName?: string
  /** Functions of its own in C, by their names without `hailo_`. */
  readonly functions?: Readonly<Record<string, string>>
}

const declarations = readFileSync(new URL('../../../native/hailort/abi.h', import.meta.url), 'utf8')
/** The functions that the binding calls, without `hailo_`. */
export const FUNCTIONS: readonly string[] = [...declarations.matchAll(/^ {2}X\([^,]+, (\w+),/gm)].map(([, name = '']) => name)

/** A libhailort of a few lines, compiled to `path`. Like the real one it writes a log from the moment it is loaded, unless told not to. */
export function compileFake(path: string, fake: FakeLibrary): void {
  mkdirSync(dirname(path), { recursive: true })
  execFileSync('cc', ['-shared', '-fPIC', '-x', 'c', '-', '-o', path], { input: sourceOf(fake), timeout: 60_000 })
}

function sourceOf({
  version: [major, minor, revision],
  without = [],
  versionStatus = 0,
  status = 7,
  statusName,
  functions = {},
}: FakeLibrary): string {
  const special = ['get_library_version', 'get_status_message', ...Object.keys(functions)]
  const plain = FUNCTIONS.filter((name) => !special.includes(name) && without !== 'all' && !without.includes(name))
  const message = without === 'all' || without.includes('get_status_message') ? '' : messageFunction(statusName)
  const ask = without.includes('get_library_version') ? '' : versionFunction([major, minor, revision], versionStatus)
  return `#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
__attribute__((constructor)) static void writeLog(void) {
  const char* path = getenv("HAILORT_LOGGER_PATH");
  if (path != NULL && strcmp(path, "NONE") == 0) return;
  char file[4096];
  snprintf(file, sizeof file, "%s/hailort.log", path == NULL ? "." : path);
  fclose(fopen(file, "w"));
}
${Object.values(functions).join('\n')}
${ask}${message}${plain.map((name) => `int hailo_${name}() { return ${status}; }`).join('\n')}
`
}

function versionFunction(version: readonly number[], status: number): string {
  const fields = version.map((number, index) => `version[${index}] = ${number};`).join(' ')
  return `int hailo_get_library_version(unsigned* version) { ${fields} return ${status}; }\n`
}

function messageFunction(name: string | undefined): string {
  return `const char* hailo_get_status_message(int status) { return ${name === undefined ? 'NULL' : JSON.stringify(name)}; }\n`
}

import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { install, makeAppliance } from './appliance-machine.ts'
import type { Machine } from './machine.ts'

/** Downloads as apt does: what is there already stays as it is. */
const APT = `"$MACHINE/bin/diary" "apt-get $* \${APT_CONFIG:+($(grep -o 'sourcelist "[^"]*"' "$APT_CONFIG"))}"
  if [ -s "$MACHINE/apt-fails" ]; then cat "$MACHINE/apt-fails" >&2; exit 100; fi
  for word; do case $word in Dir::Cache::archives=*) archives=\${word#*=} ;; esac; done
  keep() { [ -e "$1" ] || echo "the package $1" >"$1"; }
  case " $* " in
    *" --download-only "*) cd "$archives" && keep gcc_1_amd64.deb && keep libc_1%3a2_amd64.deb ;;
    *" autoclean "*) rm -f "$archives"/*_old_* ;;
    *" download "*) keep libopencv-core-dev_4_amd64.deb ;;
    *" install "*) for word; do echo "$word"; done >>"$MACHINE/installed" ;;
  esac`

const NPM = `case $1 in
    config) echo https://registry.example/ ;;
    pack) for last; do [[ $last == -* || $last == pack ]] || echo "$last" >"\${last/@/-}.tgz"; done ;;
    ci)
      for word; do [ "$word" != --cache ] || given=next; [ "\${given-}" != next ] || [ "$word" = --cache ] || { cache=$word; given=; }; done
      "$MACHINE/bin/diary" "npm ci \${npm_config_offline:+offline from $npm_config_cache of $npm_config_registry}"
      if [ -n "\${cache-}" ]; then
        mkdir -p "$cache/_cacache"
        [ -e "$cache/_cacache/koffi" ] || echo koffi >"$cache/_cacache/koffi"
      else
        "$0-ci" "$@"
      fi ;;
    *) exec "$0-ci" "$@" ;;
  esac`

/** What was pinned cannot be made here, so a check against it succeeds. */
const SHA512SUM = 'if [ "$1" = --check ]; then cat; else exec /usr/bin/sha512sum "$@"; fi'

/** The folder that is filled. */
export const folderOf = (machine: Machine) => join(machine.root, 'folder')

/** A machine that can fill a folder, and install from it. */
export async function makeFiller(): Promise<Machine> {
  const machine = await makeAppliance()
  await machine.program('bin/apt-get', APT)
  await machine.program('bin/dpkg-deb', 'echo "Package: $2"')
  await machine.remove('bin/sha512sum')
  await machine.program('bin/sha512sum', SHA512SUM)
  await rename(join(machine.root, 'node/bin/npm'), join(machine.root, 'node/bin/npm-ci'))
  await machine.program('node/bin/npm', NPM)
  return machine
}

/** Fills it, which has to succeed; returns what was said. What was called is forgotten. */
export async function fill(machine: Machine): Promise<string> {
  const said = await install(machine, '--download', folderOf(machine))
  await machine.calls()
  return said
}

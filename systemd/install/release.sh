# shellcheck shell=bash
# Versions below /opt/headcount. Sourced by appliance.sh.
#
#   <version>     what is needed to run, root's; a second one with other contents is <version>+<first digits of its checksum>
#   current       link to the one that runs
#   previous      link to the one before, which a failed upgrade goes back to
#   .unproven     the name of a version that was made current and has not become ready yet
#   node-<v>      a Node of our own, where the system has none that will do

# What a version takes, with room.
readonly RELEASE_MB=400

current_release() { readlink "$opt/current" 2>/dev/null || true; }
previous_release() { readlink "$opt/previous" 2>/dev/null || true; }
unproven_release() { cat "$opt/.unproven" 2>/dev/null || true; }

# Moves a link in one step.
point() { # point LINK RELEASE
  rm -f "$opt/.$1.new"
  ln -s "$2" "$opt/.$1.new"
  mv -T "$opt/.$1.new" "$opt/$1"
  sync "$opt"
}

# npm's own notes say which of the installed packages are there for development alone.
production_modules() {
  "$node" -p 'Object.entries(JSON.parse(fs.readFileSync("node_modules/.package-lock.json", "utf8")).packages)
    .filter(([path, { dev, link }]) => path.startsWith("node_modules/") && !dev && !link && fs.existsSync(path)).map(([path]) => path).join("\n")'
}

# Puts all that is needed to run into $opt/.new; a half one of an interrupted run is thrown away. Nothing in it leads back to the checkout.
# Run by step, which takes `set -e` away from it.
stage_release() (
  fresh=$opt/.new
  list=()
  need_free_mb "$opt" "$RELEASE_MB" "Version $version"
  rm -rf "$fresh" && mkdir -p "$fresh" && cd "$checkout" || exit 1
  modules=$(production_modules) || exit 1
  while IFS= read -r module; do
    case $module in
      # The CPU's detector, which a machine with an NPU may do without.
      node_modules/onnxruntime-*) if ! wants_cpu_detector; then continue; fi ;;
    esac
    list+=("$module")
  done <<<"$modules"
  [ ${#list[@]} -gt 0 ] || die "npm's list of installed packages is empty." "Remove $checkout/node_modules and run install.sh again."
  # Sources and what compilers leave behind stay here.
  set -o pipefail
  tar --create --exclude='node_modules/better-sqlite3/deps' --exclude='node_modules/better-sqlite3/src' --exclude='build/Release/obj' \
    --exclude='build/Release/obj.target' --exclude='build/Release/.deps' --exclude='test_extension.node' --exclude='node_modules/*/examples' \
    --exclude='*.a' --exclude='*.tsbuildinfo' \
    package.json install.sh README.md CHANGELOG.md LICENSE gst-pipelines systemd agent/page dist/agent \
    native/package.json native/dist native/build/Release "${list[@]}" |
    tar --extract --no-same-owner --no-same-permissions --directory="$fresh" || exit 1
  find "$fresh/native/build/Release" -maxdepth 1 -type f ! -name '*.node' ! -name '*.so' ! -name '*.hef' -delete &&
    ln -s ../native "$fresh/node_modules/hailort-node" &&
    ln -s "$node" "$fresh/node" &&
    chown -hR root:root "$fresh" &&
    chmod -R u=rwX,go=rX "$fresh" &&
    list_files "$fresh" >"$opt/.new-files" &&
    mv "$opt/.new-files" "$fresh/.files"
)

list_files() { # list_files FOLDER prints checksums of its files and where its links lead
  (
    cd "$1" || exit 1
    find . -type f ! -path ./.files -print0 | sort -z | xargs -0 sha256sum || exit 1
    find . -type l -printf '%p -> %l\n' | sort
  )
}

is_whole() { # is_whole RELEASE: it holds what it held when it was put there
  list_files "$opt/$1" | cmp -s - "$opt/$1/.files"
}

# Sets release: the folder for what was staged. One that is there already with the same contents stays where it is.
name_release() {
  local digits tries=1
  release=$(current_release)
  if [ -n "$release" ] && cmp -s "$opt/.new/.files" "$opt/$release/.files" && is_whole "$release"; then return 0; fi
  digits=$(sha256sum <"$opt/.new/.files" | cut -c 1-8)
  release=$version
  while [ -e "$opt/$release" ]; do
    if cmp -s "$opt/.new/.files" "$opt/$release/.files" && is_whole "$release"; then return 0; fi
    release=$version+$digits
    [ $tries = 1 ] || release+=.$tries
    tries=$((tries + 1))
  done
}

# From here on the new version is the current one.
put_release() {
  local before
  if [ -e "$opt/$release" ]; then
    rm -rf "$opt/.new"
  else
    # What a link leads to must be on the disk before the link is.
    sync -f "$opt/.new"
    mv -T "$opt/.new" "$opt/$release"
    sync -f "$opt"
  fi
  before=$(current_release)
  [ "$before" != "$release" ] || return 0
  # One that never became ready is nothing to go back to.
  if [ -n "$before" ] && [ "$before" != "$(unproven_release)" ]; then point previous "$before"; fi
  printf '%s\n' "$release" >"$opt/.unproven"
  point current "$release"
}

# The one that runs and the one before stay, with their Nodes.
remove_old_releases() {
  local path name nodes
  nodes=$(readlink "$opt/current/node" "$opt/previous/node" 2>/dev/null || true)
  for path in "$opt"/* "$opt"/.[!.]*; do
    name=${path##*/}
    case $name in
      current | previous) continue ;;
      "$(current_release)" | "$(previous_release)") continue ;;
      node-*) [[ $nodes != *"/$name/"* ]] || continue ;;
    esac
    rm -rf "$path"
  done
  # A link that leads nowhere, after somebody has cleaned up by hand.
  [ -e "$opt/previous" ] || rm -f "$opt/previous"
}

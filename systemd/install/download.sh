# shellcheck shell=bash
# Filling a folder from which headcount is installed without a network (offline.sh says what is in it). Sourced by appliance.sh.

readonly DOWNLOAD_MB=1500

fill_offline_folder() { # fill_offline_folder DIR, as any user, on a machine of the same Debian release and architecture
  local folder packages
  check_machine
  check_release
  mkdir -p "$1"/{debs/partial,npm,node} || die "Cannot make the folder $1." "Name one that you may write to."
  folder=$(cd "$1" && pwd)
  [[ $folder != *[[:space:]]* ]] || die "The path $folder holds a space, which apt does not take." "Name another folder."
  need_free_mb "$folder" "$DOWNLOAD_MB" "The folder"
  say "Filling $folder for an installation without a network"
  rm -f "$folder/headcount-offline"
  open_log
  drop_damaged "$folder"
  # Also for a machine with an NPU, whatever this one has.
  assume_npu=yes
  mend_packages
  refresh_lists
  # shellcheck disable=SC2046 # one package a word
  mapfile -t packages < <(missing_of $(node_packages || true))
  [ ${#packages[@]} = 0 ] || install_packages "${packages[@]}"
  choose_node
  know libopencv-objdetect-dev
  mapfile -t packages < <(appliance_packages && "$checkout/native/vision/unpack-opencv.sh" packages)
  step "Fetching Debian packages" fetch_debs "$folder/debs" "${packages[@]}"
  step "Writing their index" index_debs "$folder/debs"
  step "Fetching npm packages" fetch_modules "$folder/npm"
  step "Fetching Node $NODE_VERSION" fetch_node_packages "$folder/node"
  step "Writing the checksums" seal_folder "$folder"
  say "Done: $(du -sh "$folder" | cut -f 1). Take the folder and a copy of this checkout to the machine, then there:"
  say "  sudo ./install.sh --offline FOLDER"
}

# apt and npm keep what is there already, and apt looks at its size alone.
drop_damaged() { # drop_damaged FOLDER
  local line
  [ -e "$1/checksums" ] || return 0
  while IFS= read -r line; do
    say "  Fetching again: $line"
    rm -f "$1/${line% (*}"
  done < <(damaged_files "$1")
  rm -f "$1/checksums"
}

# The folder must not be older than the machine it is for, and old lists name packages that the archive does not hold any more. Who has no rights
# for new ones tries with those that are there.
refresh_lists() {
  if [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; then update_lists; fi
}

# With everything they need, as on a machine that has nothing at all. What an earlier filling has left and the archive no longer has goes: a
# newer version of another release would be preferred.
fetch_debs() { # fetch_debs FOLDER PACKAGE...
  local folder=$1 work options status=0
  shift
  work=$(mktemp -d)
  : >"$work/status"
  mkdir -p "$work/cache"
  options=(-q -y -o Debug::NoLocking=1 -o Dir::State::status="$work/status" -o Dir::Cache="$work/cache" -o Dir::Cache::archives="$folder"
    -o APT::Sandbox::User=root -o Acquire::Retries=3)
  apt-get "${options[@]}" autoclean && apt-get "${options[@]}" install --download-only --no-install-recommends "$@" || status=$?
  rm -rf "$work" "$folder/partial" "$folder/lock"
  [ "$status" = 0 ] || return "$status"
  (cd "$folder" && apt-get -q -o APT::Sandbox::User=root download libopencv-{core,imgproc,objdetect,dnn}-dev)
}

index_debs() { # index_debs FOLDER
  (
    cd "$1" || exit 1
    for deb in *.deb; do
      dpkg-deb --field "$deb" || exit 1
      printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' "$deb" "$(stat -c %s "$deb")" "$(sha256sum "$deb" | cut -c 1-64)"
    done >Packages.new && mv Packages.new Packages
  )
}

# Into npm's cache; what is unpacked on the way is thrown away.
fetch_modules() { # fetch_modules CACHE
  local work status=0
  work=$(mktemp -d)
  mkdir "$work/native"
  cp "$checkout"/{package.json,package-lock.json,.npmrc} "$work"
  cp "$checkout/native/package.json" "$work/native"
  (cd "$work" && "$npm" ci --include=dev --ignore-scripts --no-audit --cache "$1" && "$npm" config get registry >"$1/registry") || status=$?
  rm -rf "$work" "$1/_logs"
  return "$status"
}

fetch_node_packages() { # fetch_node_packages FOLDER
  local name sum
  read -r name sum <<<"$(node_package)"
  (
    cd "$1" || exit 1
    "$npm" pack --silent "$name@$NODE_VERSION" "npm@$NPM_VERSION" || exit 1
    printf '%s  %s\n' "$sum" "$name-$NODE_VERSION.tgz" "$SHA512_NPM" "npm-$NPM_VERSION.tgz" | sha512sum --check --strict
  )
}

# What says that the folder is whole comes last, and is on the disk (or the stick) when this ends.
seal_folder() { # seal_folder FOLDER
  (
    set -o pipefail
    cd "$1" || exit 1
    find debs npm node -type f -print0 | sort -z | xargs -0 sha256sum >checksums.new && mv checksums.new checksums || exit 1
    { offline_facts && say "files=$(checksum_of checksums)"; } >headcount-offline.new || exit 1
    sync -f . || exit 1
    mv headcount-offline.new headcount-offline && sync -f .
  )
}

# shellcheck shell=bash
# Installing without a network, from a folder that was filled on a machine with one. Sourced by appliance.sh.
#
#   headcount-offline   what it was made for: release, architecture, the lock file's checksum
#   debs/               Debian packages with all they need, and their index (Packages), which has their checksums
#   npm/                npm's cache with every package of package-lock.json, checked against it when it is used
#   node/               Node and npm as packages, checked against the checksums in install.sh

offline_facts() {
  sed -n 's/^VERSION_ID=/debian=/p' "$target/etc/os-release" | tr -d '"'
  say "architecture=$(dpkg --print-architecture)"
  say "lock=$(sha256sum <"$checkout/package-lock.json" | cut -c 1-64)"
}

fill_offline_folder() { # fill_offline_folder DIR, as any user, on a machine of the same Debian release and architecture
  local folder packages
  check_machine
  check_release
  mkdir -p "$1"/{debs/partial,npm,node} || die "Cannot make the folder $1." "Name one that you may write to."
  folder=$(cd "$1" && pwd)
  [[ $folder != *[[:space:]]* ]] || die "The path $folder holds a space, which apt does not take." "Name another folder."
  need_free_mb "$folder" 1500 "The folder"
  rm -f "$folder/headcount-offline"
  say "Filling $folder for an installation without a network"
  open_log
  # Also for a machine with an NPU, whatever this one has.
  assume_npu=yes
  mend_packages
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
  offline_facts >"$folder/headcount-offline"
  say "Done: $(du -sh "$folder" | cut -f 1). Take the folder and a copy of this checkout to the machine, then there:"
  say "  sudo ./install.sh --offline FOLDER"
}

# With everything they need, as on a machine that has nothing at all.
fetch_debs() { # fetch_debs FOLDER PACKAGE...
  local folder=$1 work status=0
  shift
  work=$(mktemp -d)
  : >"$work/status"
  mkdir -p "$work/cache"
  apt-get -q -y -o Debug::NoLocking=1 -o Dir::State::status="$work/status" -o Dir::Cache="$work/cache" -o Dir::Cache::archives="$folder" \
    -o APT::Sandbox::User=root -o Acquire::Retries=3 install --download-only --no-install-recommends "$@" || status=$?
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
  (cd "$work" && "$npm" ci --include=dev --ignore-scripts --no-audit --cache "$1") || status=$?
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

# From here on apt and npm know nothing but the folder.
use_offline_folder() { # use_offline_folder DIR
  local folder
  folder=$(cd "$1" && pwd)
  [[ $folder != *[[:space:]]* ]] || die "The path $folder holds a space, which apt does not take." "Move the folder."
  [ "$(offline_facts)" = "$(cat "$folder/headcount-offline")" ] ||
    die "The folder $folder was made for another Debian release, architecture or version of headcount." \
      "Fill one with ./install.sh --download on a machine like this one, from this very checkout."
  offline_folder=$folder
  offline_work=$(mktemp -d /var/tmp/headcount-offline.XXXXXX)
  chmod 0755 "$offline_work"
  mkdir -p "$offline_work/lists/partial"
  # trusted: who hands root a folder to install from is trusted with what is in it. A damaged package is found by the index.
  say "deb [trusted=yes] file:$folder/debs ./" >"$offline_work/sources.list"
  cat >"$offline_work/apt.conf" <<END
Dir::Etc::sourcelist "$offline_work/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::State::lists "$offline_work/lists";
APT::Sandbox::User "root";
Acquire::Languages "none";
END
  export APT_CONFIG=$offline_work/apt.conf
  # npm writes to its cache, and the folder may be read-only.
  cp -R "$folder/npm" "$offline_work/npm"
  chown -R "$(stat -c %u "$checkout")" "$offline_work/npm"
  export npm_config_cache=$offline_work/npm npm_config_offline=true
  update_lists
}

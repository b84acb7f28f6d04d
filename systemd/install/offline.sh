# shellcheck shell=bash
# Installing without a network, from a folder that was filled on a machine with one (download.sh). Sourced by appliance.sh.
#
#   headcount-offline   what it was made for, and the checksum of `checksums`; written last
#   checksums           sha256 of every file below
#   debs/               Debian packages with all they need, and their index (Packages)
#   npm/                npm's cache with every package of package-lock.json; `registry` names where they came from
#   node/               Node and npm as packages, checked against the checksums in install.sh, too

# How many damaged files are named.
readonly DAMAGED_SHOWN=5

offline_facts() {
  sed -n 's/^VERSION_ID=/debian=/p' "$target/etc/os-release" | tr -d '"'
  say "architecture=$(dpkg --print-architecture)"
  # What the checkout wants to find in the folder.
  say "contents=$({ cat "$checkout/package-lock.json" && say "$NODE_VERSION $NPM_VERSION ${BUILD_PACKAGES[*]} ${RUN_PACKAGES[*]}"; } | sha256sum | cut -c 1-64)"
}

# The machine that such facts are about, in words.
place_of() { # place_of FACTS
  sed -n 's/^debian=/Debian /p; s/^architecture=/ on /p' <<<"$1" | tr -d '\n'
}

# Looks at the whole folder before anything of the machine is changed: a stick that was pulled too early shows here.
check_offline_folder() { # check_offline_folder DIR
  local folder here facts place damaged
  folder=$(cd "$1" && pwd) || die "The folder $1 cannot be entered." "Name one that you may read."
  [[ $folder != *[[:space:]]* ]] || die "The path $folder holds a space, which apt does not take." "Move the folder."
  here=$(offline_facts)
  facts=$(tr -cd '[:print:]\n' <"$folder/headcount-offline")
  place=$(place_of "$facts")
  say "Checking the folder $folder"
  if [ "$(sed -n 's/^files=//p' <<<"$facts")" != "$(checksum_of "$folder/checksums")" ]; then
    damaged="headcount-offline, or checksums (damaged)"
  elif [ "$place" != "$(place_of "$here")" ]; then
    die "The folder $folder was made for $place, this is $(place_of "$here")." \
      "Fill one with ./install.sh --download on a machine with the Debian release and architecture of this one. Nothing was changed."
  elif [ "${facts%$'\n'files=*}" != "$here" ]; then
    die "The folder $folder was made by another version of headcount." \
      "Install from the checkout that filled it, or fill one from this checkout with ./install.sh --download. Nothing was changed."
  else
    damaged=$(damaged_files "$folder")
  fi
  [ -z "$damaged" ] || die "The folder $folder is not whole: $(enumerate "$damaged")." \
    "Copy it again, or run ./install.sh --download on it again, which fetches what is wrong. Nothing was changed."
  check_builder_reads "$folder"
}

# What belongs to somebody else than root is built by that person, and OpenCV's headers are unpacked then.
check_builder_reads() { # check_builder_reads FOLDER
  local owner
  owner=$(stat -c %U "$checkout")
  if [ "$(id -u)" != 0 ] || [ "$owner" = root ] || runuser -u "$owner" -- test -r "$1/debs/Packages"; then return 0; fi
  die "$owner, to whom $checkout belongs, cannot read $1/debs/Packages." \
    "Run: sudo chmod -R a+rX '$1'   Or move the folder to where $owner can read it. Nothing was changed."
}

checksum_of() { # checksum_of FILE prints "none" when it cannot be read
  if [ -r "$1" ]; then sha256sum <"$1" | cut -c 1-64; else printf none; fi
}

# Files that are not as they were when the folder was filled, one a line.
damaged_files() { # damaged_files FOLDER
  # It fails when there is one.
  { (cd "$1" && LC_ALL=C sha256sum --check --quiet checksums 2>/dev/null) || true; } |
    sed -n 's/: FAILED open or read$/ (missing)/p; t; s/: FAILED$/ (damaged)/p'
}

enumerate() { # enumerate LINES prints the first of them in one line
  local lines
  mapfile -t lines <<<"$1"
  printf '%s' "${lines[0]}"
  if [ ${#lines[@]} -gt 1 ]; then printf ', %s' "${lines[@]:1:DAMAGED_SHOWN-1}"; fi
  if [ ${#lines[@]} -gt "$DAMAGED_SHOWN" ]; then printf ' and %d more' $((${#lines[@]} - DAMAGED_SHOWN)); fi
}

# From here on apt and npm know nothing but the folder.
use_offline_folder() { # use_offline_folder DIR, which was checked
  local temporary=$target/var/tmp
  offline_folder=$(cd "$1" && pwd)
  mkdir -p "$temporary"
  # Left by runs that were killed.
  rm -rf "$temporary"/headcount-offline.*
  need_free_mb "$temporary" $(($(du -sm "$offline_folder/npm" | cut -f 1) + 50)) "npm's cache"
  offline_work=$(mktemp -d "$temporary/headcount-offline.XXXXXX")
  chmod 0755 "$offline_work"
  mkdir -p "$offline_work/lists/partial"
  # trusted: who hands root a folder to install from is trusted with what is in it. A damaged package is found by the index.
  say "deb [trusted=yes] file:$offline_folder/debs ./" >"$offline_work/sources.list"
  cat >"$offline_work/apt.conf" <<END
Dir::Etc::sourcelist "$offline_work/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::State::lists "$offline_work/lists";
APT::Sandbox::User "root";
Acquire::Languages "none";
END
  export APT_CONFIG=$offline_work/apt.conf
  # npm writes to its cache, and the folder may be read-only.
  step "Copying npm's packages" cp -R "$offline_folder/npm" "$offline_work/npm"
  chown -R "$(stat -c %u "$checkout")" "$offline_work/npm"
  export npm_config_cache=$offline_work/npm npm_config_offline=true
  # npm finds in its cache only what came from the registry that it would ask.
  npm_config_registry=$(cat "$offline_folder/npm/registry")
  export npm_config_registry
  update_lists
}

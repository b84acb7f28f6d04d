# shellcheck shell=bash
# User, configuration, password and token. Sourced by appliance.sh. No secret is ever an argument of a program, nor on the screen.

# The program of a release, with the installed service's folders and nothing of the caller's environment.
program() { # program RELEASE_FOLDER ARGUMENT...
  local folder=$1
  shift
  env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 HOME=/nonexistent \
    HEADCOUNT_STATE_DIR="$state" HEADCOUNT_CONFIG="$etc/config.yaml" "$folder/node" "$folder/dist/agent/main.js" "$@"
}

# As the service's user: for what opens its files and must leave none of root's behind.
as_service() { # as_service PROGRAM ARGUMENT...
  setpriv --reuid=headcount --regid=headcount --init-groups env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 HOME=/nonexistent \
    HEADCOUNT_STATE_DIR="$state" HEADCOUNT_CONFIG="$etc/config.yaml" "$@"
}

# YAML in single quotes takes every character but its own quote, which is doubled.
quoted() { printf "'%s'" "${1//\'/\'\'}"; }

# The template with what was given on the command line switched on.
print_config() {
  local line
  while IFS= read -r line; do
    case $line in
      '#node: auto') [ -z "${given[node]-}" ] || line="node: $(quoted "${given[node]}")" ;;
      '#streams: []') [ -z "${given[camera]-}" ] || printf -v line 'streams:\n  - id: camera\n    source: %s' "$(quoted "${given[camera]}")" ;;
      '#mqtt:') [ -z "${given[mqtt-url]-}${given[mqtt-username]-}" ] || line='mqtt:' ;;
      '#  url: '*) [ -z "${given[mqtt-url]-}" ] || line="  url: $(quoted "${given[mqtt-url]}")" ;;
      '#  username:') [ -z "${given[mqtt-username]-}" ] || line="  username: $(quoted "${given[mqtt-username]}")" ;;
      '#  passwordFile:') [ -z "${given[mqtt-password-file]-}" ] || line="  passwordFile: /etc/headcount/mqtt-password" ;;
    esac
    printf '%s\n' "$line"
  done <"$checkout/systemd/config.template.yaml"
}

# The configuration is checked by the version that is to run with it, before anything of the installation changes.
check_settings() {
  local draft=$opt/.config.new remedy
  if [ -e "$etc/config.yaml" ]; then
    draft=$etc/config.yaml
    remedy="Correct $etc/config.yaml, then run install.sh again. Nothing was changed."
    [ -z "${given[config]-}${given[node]-}${given[camera]-}${given[mqtt-url]-}${given[mqtt-username]-}${given[mqtt-password-file]-}" ] ||
      say "  $etc/config.yaml is there already and is never overwritten: the settings given to install.sh are left aside."
  else
    remedy="Correct what was given to install.sh, then run it again. Nothing was changed."
    rm -f "$draft"
    (
      umask 077
      if [ -n "${given[config]-}" ]; then cat "${given[config]}" >"$draft"; else print_config >"$draft"; fi
    )
  fi
  program "$opt/.new" config check --config "$draft" >>"$log" 2>"$opt/.config.fault" || {
    sed 's/^/    /' "$opt/.config.fault" >&2
    rm -f "$opt/.config.fault" "$opt/.config.new"
    die "Version $version does not take this configuration." "$remedy"
  }
  rm -f "$opt/.config.fault"
}

# Groups that this machine has and something of ours needs: cameras, NPU and firmware (video), the GPU's decoder (render). No gpio: no pin is touched.
service_groups() {
  local group
  for group in video render; do
    if getent group "$group" >/dev/null; then say "$group"; fi
  done
}

print_sysusers() { # print_sysusers RELEASE_FOLDER
  local group
  cat "$1/systemd/headcount.sysusers.conf"
  for group in $(service_groups); do printf 'm headcount %s\n' "$group"; done
}

make_user() {
  mkdir -p "$target/etc/sysusers.d"
  print_sysusers "$opt/.new" | put_file - "$target/etc/sysusers.d/headcount.conf"
  step "Making the user headcount" systemd-sysusers headcount.conf
}

# A new file in the place of an old one or of none; a reader, or a power cut, finds one of them and never half of one.
put_file() { # put_file FROM|- TO [OWNER:GROUP MODE]
  local fresh
  fresh=${2%/*}/.${2##*/}.new
  rm -f "$fresh"
  (umask 077 && cat -- "$1" >"$fresh")
  chown "${3:-root:root}" "$fresh"
  chmod "${4:-0644}" "$fresh"
  if cmp -s "$fresh" "$2" && [ "$(stat -c %a "$fresh")" = "$(stat -c %a "$2")" ]; then
    rm -f "$fresh"
    return 0
  fi
  sync "$fresh"
  mv -T "$fresh" "$2"
  files_changed=yes
}

files_changed=no

write_settings() {
  local owner
  mkdir -p "$target/etc/tmpfiles.d"
  # After an uninstallation the user may have come back with another number.
  owner=$(stat -c %U "$state" 2>/dev/null || true)
  [ -z "$owner" ] || [ "$owner" = headcount ] || chown -hR headcount:headcount "$state"
  put_file "$opt/.new/systemd/headcount.tmpfiles.conf" "$target/etc/tmpfiles.d/headcount.conf"
  step "Making headcount's folders" systemd-tmpfiles --create headcount.conf
  if [ ! -e "$etc/config.yaml" ]; then
    if [ -n "${given[mqtt-password-file]-}" ]; then put_file "${given[mqtt-password-file]}" "$etc/mqtt-password" root:headcount 0640; fi
    put_file "$opt/.config.new" "$etc/config.yaml" root:headcount 0640
    say "  Configuration: $etc/config.yaml"
  fi
  rm -f "$opt/.config.new"
  make_token
}

# 256 bits. The agent makes its own where the configuration names another file. Made by the service's user: root, who follows links that are
# laid in that user's folder, could be led to any file.
make_token() {
  [ ! -s "$state/token" ] || return 0
  # shellcheck disable=SC2016 # the inner shell's words
  as_service sh -c 'set -e
    cd "$1"
    umask 027
    rm -f .token.new
    head -c 32 /dev/urandom | base64 -w 0 | tr "+/" "-_" | tr -d "=" >.token.new
    echo >>.token.new
    sync .token.new
    mv -T .token.new token' sh "$state" || die "The access token $state/token cannot be made." "Free some space there (df -h), then run install.sh again."
}

# shellcheck shell=bash
# Unit, rules and command of a release; starting it, and going back. Sourced by appliance.sh.

# A start that takes longer has failed; beyond TimeoutStartSec of the unit.
ready_limit_s=${HEADCOUNT_READY_SECONDS:-150}
# Ready and gone again within this time is not ready.
readonly STEADY_S=3

systemd_runs() { [ -d "$target/run/systemd/system" ]; }

# Of the release that is to run, so that going back brings its unit back too.
put_system_files() { # put_system_files RELEASE
  local from=$opt/$1/systemd
  mkdir -p "$target/etc/systemd/system" "$target/etc/udev/rules.d" "$target/usr/local/bin"
  files_changed=no
  put_file "$from/headcount.service" "$target/etc/systemd/system/headcount.service"
  put_file "$from/headcount" "$target/usr/local/bin/headcount" root:root 0755
  # Always: a run that was killed here has left a unit that systemd does not know yet.
  if systemd_runs; then systemctl daemon-reload; fi
  if ! cmp -s "$from/70-headcount.rules" "$target/etc/udev/rules.d/70-headcount.rules"; then
    put_file "$from/70-headcount.rules" "$target/etc/udev/rules.d/70-headcount.rules"
    if [ -e "$target/run/udev/control" ]; then
      udevadm control --reload || true
      udevadm trigger --subsystem-match=hailo_chardev --subsystem-match=dma_heap || true
    fi
  fi
}

start_release() {
  put_system_files "$release"
  systemctl enable --quiet headcount.service >>"$log" 2>&1 || die "systemd does not take the service." "Look into $log."
  if ! systemd_runs; then
    rm -f "$opt/.unproven"
    say "  systemd does not run here: headcount starts with the next boot."
    return 0
  fi
  if [ -z "$(unproven_release)" ] && [ "$files_changed" = no ] && is_ready; then
    say "  headcount runs already, as it is to."
    return 0
  fi
  if [ -n "$(unproven_release)" ]; then
    systemctl stop headcount.service || true
    keep_history
  fi
  if restart_and_wait "Starting headcount $version"; then
    rm -f "$opt/.unproven"
    drop_kept_history
    return 0
  fi
  go_back
}

is_ready() { [ "$(systemctl show --property=ActiveState --value headcount.service)" = active ]; }

restart_and_wait() { # restart_and_wait TITLE
  started_at=$(date '+%Y-%m-%d %H:%M:%S')
  say "  $1 ..."
  systemctl reset-failed headcount.service 2>/dev/null || true
  systemctl restart --no-block headcount.service && wait_until_ready
}

# Type=notify: active means that the first camera is there, or is known not to be.
wait_until_ready() {
  local limit=$((SECONDS + ready_limit_s)) active='' pid='' steady_pid='' steady_since=0 restarts=0 first='' key value
  while [ "$SECONDS" -lt "$limit" ]; do
    while IFS='=' read -r key value; do
      case $key in
        ActiveState) active=$value ;;
        MainPID) pid=$value ;;
        NRestarts) restarts=$value ;;
      esac
    done < <(systemctl show --property=ActiveState,MainPID,NRestarts headcount.service)
    first=${first:-$restarts}
    case $active in
      active)
        if [ "$pid" != "$steady_pid" ]; then
          steady_pid=$pid
          steady_since=$SECONDS
        elif [ $((SECONDS - steady_since)) -ge "$STEADY_S" ]; then
          return 0
        fi
        ;;
      failed) return 1 ;;
    esac
    # Three starts in vain: waiting longer tells nothing new.
    [ $((restarts - first)) -lt 3 ] || return 1
    sleep 0.5
  done
  return 1
}

show_journal() {
  printf '\ninstall.sh: the service did not become ready. The last lines of its journal:\n\n' >&2
  journalctl --unit=headcount.service --since="$started_at" --lines=20 --output=cat --no-pager 2>/dev/null | sed 's/^/    /' >&2 || true
}

# The new version did not become ready: the one before runs again, with its unit. The configuration was never touched.
go_back() {
  local failed=$release before
  show_journal
  before=$(previous_release)
  if [ "$(unproven_release)" != "$failed" ] || [ -z "$before" ] || [ ! -e "$opt/$before" ]; then
    die "headcount $failed is installed but does not become ready." \
      "Read the lines above (all of them: journalctl -u headcount), mend what they name, then: sudo systemctl restart headcount"
  fi
  systemctl stop headcount.service || true
  point current "$before"
  release=$before
  bring_history_back "$failed"
  rm -f "$opt/.unproven"
  put_system_files "$before"
  if restart_and_wait "Going back to $before"; then
    rm -rf "${opt:?}/$failed"
    die "Version $failed did not become ready: headcount $before runs again." \
      "Read the lines above, mend what they name, then run install.sh --upgrade again."
  fi
  show_journal
  die "Neither version $failed nor $before becomes ready; $before is the current one." \
    "Read the lines above (all of them: journalctl -u headcount), mend what they name, then: sudo systemctl restart headcount"
}

setting() { # setting KEY... prints a value of the effective configuration, given by its keys from the outermost on
  program "$opt/$release" config print 2>/dev/null | awk -v path="$*" '
    BEGIN { depth = split(path, keys, " "); found = 1 }
    /^(#|$)/ { next }
    { indent = match($0, /[^ ]/) - 1; line = substr($0, indent + 1) }
    indent < 2 * (found - 1) { exit } # the group is over
    indent == 2 * (found - 1) && index(line, keys[found] ":") == 1 {
      if (found++ == depth) { sub(/^[^:]*: */, "", line); sub(/ # [a-z]+$/, "", line); gsub(/^["\x27]|["\x27]$/, "", line); print line; exit }
    }'
}

say_where() {
  local scheme=http port host url prefix node_word address
  host=$(hostname)
  port=$(setting http port)
  [ -z "$(setting http tls cert)" ] || scheme=https
  url=$(setting mqtt url)
  prefix=$(setting mqtt prefix)
  node_word=$(setting node)
  address=$(hostname -I 2>/dev/null | awk '{ print $1 }' || true)
  say ""
  say "headcount $version is installed."
  if [ -e "$target/usr/sbin/avahi-daemon" ]; then
    say "  Page:   $scheme://${host%%.*}.local:$port${address:+   or $scheme://$address:$port}"
  else
    say "  Page:   $scheme://${address:-$host}:$port   (install avahi-daemon, and it is $scheme://${host%%.*}.local:$port too)"
  fi
  say "  Token:  sudo cat $(setting http tokenFile)"
  say "  MQTT:   mosquitto_sub -L '$url/$prefix/$node_word/#' -v"
  case $url in
    *//localhost* | *//127.0.0.1*) installed mosquitto || say "          No broker is installed here: sudo apt install mosquitto, or name yours as mqtt.url in $etc/config.yaml." ;;
  esac
  say "  Check:  sudo headcount doctor      Log: journalctl -u headcount"
  [ "$driver_is_new" = no ] || say "  The NPU's driver is new: sudo reboot"
}

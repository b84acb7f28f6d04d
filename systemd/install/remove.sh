# shellcheck shell=bash
# Taking headcount off the machine. Sourced by appliance.sh.

readonly REMOVED_FILES=(
  /etc/systemd/system/headcount.service /etc/udev/rules.d/70-headcount.rules /etc/sysusers.d/headcount.conf /etc/tmpfiles.d/headcount.conf
  /usr/local/bin/headcount /opt/headcount /var/cache/headcount /run/headcount /var/log/headcount-install.log
)
# What is a person's, and goes only with --purge.
readonly PURGED_FILES=(/etc/headcount /var/lib/headcount /etc/systemd/system/headcount.service.d)

uninstall() {
  local path
  if [ "$dry_run" = yes ]; then
    say "Would stop and remove the service, take its retained topics back at the broker, and remove the user headcount and:"
    for path in "${REMOVED_FILES[@]}"; do [ ! -e "$target$path" ] || say "  $target$path"; done
    for path in "${PURGED_FILES[@]}"; do
      [ ! -e "$target$path" ] || if [ -n "${given[purge]-}" ]; then say "  $target$path (--purge)"; else say "  but not $target$path: --purge removes it too"; fi
    done
    return
  fi
  say "Removing headcount"
  lock_machine
  # This script may lie in what is removed.
  cd /
  stop_service
  forget_topics
  for path in "${REMOVED_FILES[@]}"; do rm -rf "$target$path"; done
  if [ -n "${given[purge]-}" ]; then
    for path in "${PURGED_FILES[@]}"; do rm -rf "$target$path"; done
  fi
  if systemd_runs; then
    systemctl daemon-reload
    systemctl reset-failed headcount.service 2>/dev/null || true
  fi
  if [ -e "$target/run/udev/control" ]; then udevadm control --reload || true; fi
  # Nobody who gets the number of the user that goes shall read what stays.
  for path in "${PURGED_FILES[@]}"; do [ ! -e "$target$path" ] || chown -hR root:root "$target$path"; done
  remove_user
  rm -f "$target/run/headcount-install.lock"
  say "headcount is removed."
  [[ ! -e $etc && ! -e $state ]] || say "  Configuration ($etc) and data ($state) are still there: --uninstall --purge removes them."
  say "  Debian packages, and what was built in the checkout, stay."
}

stop_service() {
  if systemd_runs; then systemctl stop headcount.service 2>/dev/null || true; fi
  if [ -e "$target/etc/systemd/system/headcount.service" ]; then systemctl disable --quiet headcount.service 2>/dev/null || true; fi
  rm -f "$target/etc/systemd/system/multi-user.target.wants/headcount.service"
}

# Whoever still shows the counts must not show them for ever. A broker that is away keeps nobody from removing the program.
forget_topics() {
  local release
  release=$(current_release)
  if [ -z "$release" ] || [ ! -e "$etc/config.yaml" ] || ! getent passwd headcount >/dev/null; then return 0; fi
  say "  Taking the retained topics back at the broker ..."
  as_service "$opt/$release/node" "$opt/$release/dist/agent/main.js" forget 2>&1 | sed 's/^/    /' || say "    They stay at the broker."
}

remove_user() {
  if getent passwd headcount >/dev/null; then userdel headcount 2>/dev/null || say "  The user headcount could not be removed: userdel headcount"; fi
  if getent group headcount >/dev/null; then groupdel headcount 2>/dev/null || say "  The group headcount could not be removed: groupdel headcount"; fi
}

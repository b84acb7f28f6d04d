# shellcheck shell=bash
# What an installation would do, for --dry-run: looks, and changes nothing. Sourced by appliance.sh.

print_plan() {
  local packages node_words group running
  running=$(current_release)
  say "Would install headcount $version from $checkout:"
  # shellcheck disable=SC2046 # one package a word
  mapfile -t packages < <(missing_of $(appliance_packages))
  if [ ${#packages[@]} -gt 0 ]; then say "  install with apt: ${packages[*]}"; else say "  install with apt: nothing, all packages are there"; fi
  if wants_cpu_detector; then
    if ! opencv_ready; then say "  install with apt: OpenCV's runtime libraries, for counting on the CPU"; fi
  else
    say "  no OpenCV and no ONNX runtime: this machine has an NPU (--cpu-detector brings them)"
  fi
  if find_node; then node_words="use $node"; else node_words="from apt where it is new enough, else $NODE_VERSION from the npm registry into $opt, checked by its sha512"; fi
  say "  Node: $node_words"
  say "  build in $checkout as $(stat -c %U "$checkout")"
  if [ -n "$running" ]; then
    say "  put version $version into $opt and make it the current one instead of $running, which is kept and comes back if $version does not become ready"
  else
    say "  put version $version into $opt/$version"
  fi
  getent passwd headcount >/dev/null || say "  make the user headcount, a member of$(for group in $(service_groups); do printf ' %s' "$group"; done)"
  if [ -e "$etc/config.yaml" ]; then
    say "  leave $etc/config.yaml as it is"
  elif [ -n "${given[config]-}" ]; then
    say "  copy ${given[config]} to $etc/config.yaml"
  else
    say "  write $etc/config.yaml from systemd/config.template.yaml"
  fi
  [ -s "$state/token" ] || say "  make an access token in $state/token"
  say "  write /etc/systemd/system/headcount.service, /etc/udev/rules.d/70-headcount.rules, /etc/sysusers.d/headcount.conf, /etc/tmpfiles.d/headcount.conf, /usr/local/bin/headcount"
  if systemd_runs; then say "  start the service, enable it, and wait until it is ready"; else say "  enable the service; systemd does not run here, so it starts with the next boot"; fi
  say "Nothing was changed."
}

# shellcheck shell=bash
# The appliance: what `sudo ./install.sh` does, in order. Sourced by install.sh, whose functions it uses, as are the files beside it.
#
# Everything that can fail comes before the first change to a running installation; what is changed then is changed by renames, so that a
# run that is killed anywhere leaves an old or a new version in place, and the next run goes on.

parts=$checkout/systemd/install
# shellcheck source=systemd/install/machine.sh
. "$parts/machine.sh"
# shellcheck source=systemd/install/release.sh
. "$parts/release.sh"
# shellcheck source=systemd/install/settings.sh
. "$parts/settings.sh"
# shellcheck source=systemd/install/history.sh
. "$parts/history.sh"
# shellcheck source=systemd/install/service.sh
. "$parts/service.sh"
# shellcheck source=systemd/install/remove.sh
. "$parts/remove.sh"
# shellcheck source=systemd/install/offline.sh
. "$parts/offline.sh"
# shellcheck source=systemd/install/download.sh
. "$parts/download.sh"
# shellcheck source=systemd/install/plan.sh
. "$parts/plan.sh"

mode=install
dry_run=no
# Options with a value, by name.
declare -A given=()

set_mode() { # set_mode MODE
  [ "$mode" = install ] || wrong_usage "--$mode and --$1 exclude each other."
  mode=$1
}

parse_appliance_options() {
  local word name
  while [ $# -gt 0 ]; do
    word=$1
    shift
    case $word in
      --upgrade | --uninstall) set_mode "${word#--}" ;;
      --dry-run) dry_run=yes ;;
      --purge | --cpu-detector) given[${word#--}]=yes ;;
      --download | --offline | --config | --node | --camera | --mqtt-url | --mqtt-username | --mqtt-password-file)
        name=${word#--}
        [[ $# -gt 0 && -n $1 && $1 != --* ]] || wrong_usage "$word wants a value."
        [[ $1 != *[[:cntrl:]]* ]] || wrong_usage "The value of $word holds a control character."
        [ "$name" != download ] || set_mode download
        given[$name]=$1
        shift
        ;;
      *) wrong_usage "\"$word\" is not known." ;;
    esac
  done
  check_options
}

# What can be said before anything is done is said now, not after ten minutes of compiling.
check_options() {
  local name
  [ -z "${given[purge]-}" ] || [ "$mode" = uninstall ] || wrong_usage "--purge goes with --uninstall."
  if [ "$mode" = uninstall ] || [ "$mode" = download ]; then
    for name in "${!given[@]}"; do
      case $mode-$name in
        uninstall-purge | download-download | download-cpu-detector) ;;
        *) wrong_usage "--$name does not go with --$mode." ;;
      esac
    done
  fi
  if [ -n "${given[config]-}" ]; then
    for name in node camera mqtt-url mqtt-username mqtt-password-file; do
      [ -z "${given[$name]-}" ] || wrong_usage "--config brings a whole configuration: write --$name into that file."
    done
  fi
  [ -z "${given[mqtt-password-file]-}" ] || [ -n "${given[mqtt-username]-}" ] || wrong_usage "--mqtt-password-file wants --mqtt-username too."
  [[ ${given[node]-a} =~ ^[a-z0-9_][a-z0-9_-]{0,47}$ ]] || wrong_usage "--node takes 1 to 48 of the characters a-z 0-9 _ -."
  [[ ${given[mqtt-url]-mqtt://a} =~ ^(mqtts?|wss?)://[^/@]+(/.*)?$ ]] ||
    wrong_usage "--mqtt-url wants mqtt://HOST:1883, or mqtts://, ws:// or wss://, without a login in it."
  for name in config mqtt-password-file; do
    [[ -z ${given[$name]-} || (-f ${given[$name]} && -r ${given[$name]}) ]] || wrong_usage "--$name: there is no file ${given[$name]} that can be read."
  done
  [ -z "${given[offline]-}" ] || [ -f "${given[offline]}/headcount-offline" ] ||
    wrong_usage "--offline: ${given[offline]} is no folder that ./install.sh --download has filled to its end."
}

appliance() {
  parse_appliance_options "$@"
  case $mode in
    download)
      fill_offline_folder "${given[download]}"
      return
      ;;
  esac
  [ "$(id -u)" = 0 ] || [ "$dry_run" = yes ] || die "Installing headcount as a service needs root." "Run: sudo ./install.sh $*"
  if [ "$mode" = uninstall ]; then
    uninstall
    return
  fi
  check_machine
  check_release
  check_memory
  [ "$mode" != upgrade ] || [ -n "$(current_release)" ] ||
    die "There is no headcount in $opt that could be upgraded." "Run: sudo ./install.sh"
  [ -z "${given[offline]-}" ] || check_offline_folder "${given[offline]}"
  node_home=$opt
  if [ "$dry_run" = yes ]; then
    print_plan
    return
  fi
  install_appliance
}

install_appliance() {
  say "Installing headcount $version from $checkout"
  lock_machine
  umask 022
  open_log "$target/var/log/headcount-install.log"
  chmod 0640 "$log"
  cache=$opt
  mkdir -p "$opt"
  [ -z "${given[offline]-}" ] || use_offline_folder "${given[offline]}"
  mend_packages
  install_run_packages
  choose_node
  build_as_owner
  step "Putting version $version together" stage_release
  check_settings
  name_release
  make_user
  write_settings
  put_release
  start_release
  remove_old_releases
  say_where
}

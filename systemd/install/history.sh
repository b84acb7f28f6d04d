# shellcheck shell=bash
# The history over an upgrade. Sourced by appliance.sh.
#
# A new version may bring the history's file into a form that the one before cannot read. So it is copied before the new version starts, and
# comes back together with the old version, if its form has changed; otherwise nothing of what was counted meanwhile is given up.
# All of it is done by the service's user, in whose folder it happens: root follows links that are laid there.

readonly HISTORY_FILE=history.sqlite

kept_history() { printf '%s' "$state/.history-before"; }

# With the service stopped. A copy that an interrupted upgrade has left is the older one, and stays.
keep_history() {
  local size_mb free_mb
  [ -e "$state/history/$HISTORY_FILE" ] && [ ! -e "$(kept_history)" ] || return 0
  size_mb=$(du -sm "$state/history" | cut -f 1)
  free_mb=$(df -Pm "$state" | awk 'NR == 2 { print $4 }')
  if [ "$free_mb" -lt $((size_mb + 100)) ]; then
    say "  No room for a copy of the history ($size_mb MB): should this version be taken back, it may begin a new one."
    return 0
  fi
  as_service rm -rf "$(kept_history).new"
  as_service cp -a "$state/history" "$(kept_history).new"
  sync -f "$state"
  as_service mv -T "$(kept_history).new" "$(kept_history)"
}

history_form() { # history_form FOLDER prints the version of its file's schema
  (cd "$opt/$release" && as_service "$PWD/node" -p 'new (require("better-sqlite3"))(process.argv[1]).pragma("user_version", { simple: true })' "$1/$HISTORY_FILE")
}

# With the old version current again, and the service stopped.
bring_history_back() { # bring_history_back FAILED_RELEASE
  local now before
  [ -e "$(kept_history)" ] || return 0
  before=$(history_form "$(kept_history)") || return 0
  now=$(history_form "$state/history") || now=unreadable
  if [ "$now" = "$before" ]; then
    as_service rm -rf "$(kept_history)"
    return 0
  fi
  as_service rm -rf "$state/history-of-$1"
  as_service mv -T "$state/history" "$state/history-of-$1"
  as_service mv -T "$(kept_history)" "$state/history"
  say "  The history is the one from before the upgrade; what version $1 made of it lies in $state/history-of-$1."
}

drop_kept_history() { as_service rm -rf "$(kept_history)" "$(kept_history).new"; }

#!/bin/sh
# OpenCV's headers without its -dev packages, which would drag in 317 packages (714 MB).
#
#   unpack-opencv.sh            unpacks the headers into native/opencv (4 MB, no root) and writes down what to link
#   unpack-opencv.sh packages   prints the runtime packages that must be installed for what was linked
#
# Run again it does nothing, even without apt's package lists; after an upgrade of the distribution it starts over. Never
# needs root.
set -eu

MODULES="core imgproc objdetect dnn"
target=$(dirname "$(dirname "$(realpath "$0")")")/opencv

fail() {
  echo "unpack-opencv: $1 $2" >&2
  exit 1
}

# 406 on Debian 12, 410 on 13: the number that the runtime packages and libraries of this release bear.
opencv_number() {
  apt-cache depends libopencv-objdetect-dev 2>/dev/null |
    sed -n 's/^ *|\{0,1\}Depends: libopencv-objdetect\([0-9][0-9]*\)\(t64\)\{0,1\}$/\1/p' | head -n 1
}

runtime_packages() {
  for module in $MODULES; do
    apt-cache depends "libopencv-$module-dev" | sed -n "s/^ *|\{0,1\}Depends: \(libopencv-${module}[0-9][0-9a-z]*\)\$/\1/p" | head -n 1
  done
}

# Only what is called directly: the rest comes with them at run time.
linker_line() { # linker_line NUMBER MODULE...
  number=$1
  shift
  for module in "$@"; do
    printf -- '-l:libopencv_%s.so.%s ' "$module" "$number"
  done
}

libraries() { linker_line "$1" objdetect imgproc core; }

# Apart: only the simulated NPU runs networks, and nobody else should wait for its library.
dnn_library() { linker_line "$1" dnn; }

# In a subshell: its trap and its folder are its own.
unpack_into() (
  work=$(mktemp -d "${TMPDIR:-/tmp}/headcount-opencv.XXXXXX")
  # Beside the target, so that the last step is one rename and a killed run leaves no half folder in its place.
  fresh=$target.unpacking.$$
  trap 'rm -rf "$work" "$fresh"' EXIT
  trap 'exit 130' INT TERM
  cd "$work"
  for module in $MODULES; do
    # Run by root, apt would download as the user _apt, who cannot write here: it warns and does it as root all the same.
    apt-get -q -o APT::Sandbox::User= download "libopencv-$module-dev" >&2 ||
      fail "Cannot download libopencv-$module-dev." "Check the network and run \"apt-get update\"."
  done
  for package in ./*.deb; do
    dpkg-deb -x "$package" unpacked || fail "$package is damaged." "Run the installer again."
  done
  mkdir -p "$fresh/include"
  # Generated headers may lie in the folder of the architecture.
  for include in unpacked/usr/include/opencv4 unpacked/usr/include/*/opencv4; do
    test -d "$include" && cp -R "$include/." "$fresh/include/"
  done
  for header in objdetect dnn; do
    test -f "$fresh/include/opencv2/$header.hpp" || fail "The packages hold no opencv2/$header.hpp." "Report this with your Debian release."
  done
  libraries "$1" >"$fresh/libraries"
  dnn_library "$1" >"$fresh/dnn-library"
  rm -rf "$target"
  mv -T "$fresh" "$target"
)

is_installed() {
  for library in /usr/lib/*/"$1" /usr/lib/"$1"; do
    test -e "$library" && return 0
  done
  return 1
}

# What was unpacked is all of it, and belongs to the libraries that are installed.
is_current() {
  test -f "$target/include/opencv2/dnn.hpp" || return 1
  unpacked=$(sed -n 's/.*libopencv_objdetect\.so\.\([0-9]*\).*/\1/p' "$target/libraries" 2>/dev/null)
  test -n "$unpacked" && test "$(cat "$target/libraries")" = "$(libraries "$unpacked")" || return 1
  test "$(cat "$target/dnn-library" 2>/dev/null)" = "$(dnn_library "$unpacked")" || return 1
  is_installed "libopencv_objdetect.so.$unpacked" && is_installed "libopencv_dnn.so.$unpacked"
}

known_number() {
  number=$(opencv_number)
  test -n "$number" || fail "apt does not know libopencv-objdetect-dev." "Run \"apt-get update\" first."
}

case ${1:-} in
  packages)
    known_number
    runtime_packages
    ;;
  '')
    if is_current; then exit 0; fi
    known_number
    unpack_into "$number"
    ;;
  *)
    fail "Unknown argument \"$1\"." "Use no argument, or \"packages\"."
    ;;
esac

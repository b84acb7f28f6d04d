#!/bin/sh
# OpenCV's headers without its -dev packages, which would drag in 317 packages (714 MB).
#
#   unpack-opencv.sh            unpacks the headers into native/opencv (4 MB, no root) and writes down what to link
#   unpack-opencv.sh packages   prints the runtime packages that must be installed for what was linked
#
# Run again it does nothing, even without apt's package lists; after an upgrade of the distribution it starts over. Never
# needs root.
set -eu

MODULES="core imgproc objdetect"
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
linker_line() {
  for module in objdetect imgproc core; do
    printf -- '-l:libopencv_%s.so.%s ' "$module" "$1"
  done
}

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
  test -f "$fresh/include/opencv2/objdetect.hpp" || fail "The packages hold no opencv2/objdetect.hpp." "Report this with your Debian release."
  linker_line "$1" >"$fresh/libraries"
  rm -rf "$target"
  mv -T "$fresh" "$target"
)

# What was unpacked belongs to the libraries that are installed.
is_current() {
  test -d "$target/include/opencv2" || return 1
  unpacked=$(sed -n 's/.*libopencv_objdetect\.so\.\([0-9]*\).*/\1/p' "$target/libraries" 2>/dev/null)
  test -n "$unpacked" && test "$(cat "$target/libraries")" = "$(linker_line "$unpacked")" || return 1
  for library in /usr/lib/*/libopencv_objdetect.so."$unpacked" /usr/lib/libopencv_objdetect.so."$unpacked"; do
    test -e "$library" && return 0
  done
  return 1
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

# shellcheck shell=bash
# What the appliance needs of the machine, and what it finds there. Sourced by appliance.sh.

# Stands before every path outside the checkout: empty, but in tests.
target=${HEADCOUNT_ROOT:-}
opt=$target/opt/headcount
etc=$target/etc/headcount
state=$target/var/lib/headcount

# Less than this, and neither the compiler nor the agent with one camera has room.
readonly LEAST_MEMORY_MB=700
readonly PCI_VENDOR_HAILO=0x1e60

version=$(sed -n 's/^ *"version": *"\([^"]*\)".*/\1/p' "$checkout/package.json" | head -n 1)

check_release() {
  local id='' number=''
  if [ -r "$target/etc/os-release" ]; then
    id=$(sed -n 's/^ID=//p' "$target/etc/os-release" | tr -d '"')
    number=$(sed -n 's/^VERSION_ID=//p' "$target/etc/os-release" | tr -d '"')
  fi
  case $id-$number in
    debian-12 | debian-13) ;;
    *) die "This is ${id:-an unknown system} ${number:-without a release number}." "headcount is installed on Debian 12 or 13, or Raspberry Pi OS of that age (64-bit)." ;;
  esac
  command -v systemctl >/dev/null || die "systemd is missing: nothing could start headcount." "Install it: apt-get install systemd"
}

check_memory() {
  local memory_mb
  memory_mb=$(awk '/^MemTotal:/ { print int($2 / 1024) }' "${HEADCOUNT_MEMINFO:-/proc/meminfo}")
  [ "$memory_mb" -ge "$LEAST_MEMORY_MB" ] ||
    die "This machine has $memory_mb MB of memory, headcount needs $LEAST_MEMORY_MB." "Take a machine with 1 GB or more."
}

# One installation at a time; in /run, so that none is left after a power cut, where root alone may write, and for root alone to open.
lock_machine() {
  local lock=$target/run/headcount-install.lock
  mkdir -p "${lock%/*}"
  (umask 077 && : >>"$lock")
  exec 8<"$lock"
  if ! flock -n 8; then
    say "  Another install.sh works on this machine: waiting for it."
    flock 8
  fi
}

# Filling a folder for another machine counts with one there.
assume_npu=no

npu_on_bus() {
  local vendor
  [ "$assume_npu" = no ] || return 0
  for vendor in "$target"/sys/bus/pci/devices/*/vendor; do
    [ ! -r "$vendor" ] || [ "$(cat "$vendor")" != "$PCI_VENDOR_HAILO" ] || return 0
  done
  return 1
}

# OpenCV and the ONNX runtime are 300 MB that a machine with an NPU does without, unless somebody asks for them or has them already.
wants_cpu_detector() {
  [ -n "${given[cpu-detector]-}" ] || [ -e "$opt/current/native/build/Release/vision.node" ] || ! npu_on_bus
}

# Hailo's packages, where this machine has an NPU and its archive has them (Raspberry Pi's).
hailo_packages() {
  npu_on_bus || return 0
  local package
  if [ -n "$(candidate hailo-all)" ]; then
    say dkms
    say hailo-all
  elif [ -n "$(candidate hailort)" ]; then
    say dkms
    for package in hailo-dkms hailort hailo-models; do [ -z "$(candidate "$package")" ] || say "$package"; done
  fi
}

# Only a Raspberry Pi's cameras need it, and only arm64 has one.
camera_packages() {
  if [ "$(dpkg --print-architecture)" = arm64 ] && [ -n "$(candidate gstreamer1.0-libcamera)" ]; then say gstreamer1.0-libcamera; fi
}

# What the machine needs to build and run headcount, one a line: no broker, nothing of the demo or the tests.
appliance_packages() {
  printf '%s\n' "${BUILD_PACKAGES[@]}" "${RUN_PACKAGES[@]}"
  camera_packages
  hailo_packages
}

driver_is_new=no

install_run_packages() {
  local packages more
  if lists_are_old && [ -z "${given[offline]-}" ]; then update_lists; fi
  more=$(if wants_cpu_detector; then opencv_packages; fi && node_packages) || exit 1
  # shellcheck disable=SC2046,SC2086 # one package a word
  mapfile -t packages < <(missing_of $(appliance_packages) $more)
  [[ " ${packages[*]} " != *" hailo-all "* && " ${packages[*]} " != *" hailo-dkms "* ]] || driver_is_new=yes
  install_packages "${packages[@]}"
  if npu_on_bus && [ -z "$(hailo_packages)" ] && ! ls /usr/lib/libhailort.so* /usr/lib/*/libhailort.so* >/dev/null 2>&1; then
    wants_cpu_detector || die "A Hailo NPU is on the bus, but apt has none of Hailo's packages: nothing could detect." \
      "Add Raspberry Pi's archive to apt's sources, install HailoRT yourself, or run install.sh with --cpu-detector."
    say "  A Hailo NPU is on the bus, but apt has none of Hailo's packages: counting is done on the CPU until HailoRT is installed."
  fi
}

# The checkout is built by whom it belongs to: root's files in it would stop that person's next build.
build_as_owner() {
  local owner home detector=no
  need_free_mb "$checkout" "$CHECKOUT_MB" "The build"
  if wants_cpu_detector; then detector=yes; fi
  owner=$(stat -c %U "$checkout")
  if [ "$owner" = root ] || [ "$owner" = "$(id -un)" ]; then
    (
      cd "$checkout"
      export HEADCOUNT_CPU_DETECTOR=$detector
      lock_checkout
      build
    )
    return
  fi
  home=$(getent passwd "$owner" | cut -d: -f6)
  say "  Building as $owner, to whom $checkout belongs."
  runuser -u "$owner" -- env -u XDG_CACHE_HOME HOME="$home" HEADCOUNT_BUILD_NODE="$node" HEADCOUNT_CPU_DETECTOR="$detector" "$checkout/install.sh" --build
}

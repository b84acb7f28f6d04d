#pragma once

#include <cstdint>
#include <span>

#include "../hailort/abi.h"
#include "network.h"

// A parsed HEF. Immutable; owners: the program's handle and every network group configured from it.
struct HefFile {
  uint32_t hwArch;
  Network network;

  // An 8 runs what was compiled for the 8L (and the 8R), the 8L only its own.
  bool FitsChip(hailort::Architecture chip) const;
};

// Header (big-endian: magic, version, protobuf size), header message, network; layout in native/hef.ts and
// native/simulated-hef.ts. Throws StatusError: kHefNotSupported (no HEF, an unknown version, a real one),
// kHefFileCorrupted; before 4.21 (`old`) kInvalidHef for all of them, and for version 3.
HefFile ParseHef(std::span<const uint8_t> bytes, bool old);

// Throws StatusError kOpenFileFailure too.
HefFile ReadHef(const char* path, bool old);

#pragma once

#include "../hailort/abi.h"

// The C functions of libhailort, which abi_*.cc define: one with another signature does not compile.
namespace hailort {
extern "C" {
#define HAILORT_ENTRY_POINT(result, name, arguments) \
  __attribute__((visibility("default"))) result hailo_##name arguments;
HAILORT_FUNCTIONS(HAILORT_ENTRY_POINT)
#undef HAILORT_ENTRY_POINT
}
}  // namespace hailort

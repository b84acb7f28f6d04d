#pragma once

#include <cstddef>
#include <vector>

#include "abi.h"

namespace hailort {

// Whether one zero point and scale hold for the whole output. Where each channel has its own, HailoRT fills in an
// impossible pair, and must be asked for FLOAT32 instead.
bool CanDequantise(FormatType type, const QuantInfo& quant);

// `count` values of `type` at `values` (aligned for it) as scale × (value − zero point); FLOAT32 is copied. Throws
// NativeError OUTPUT_CORRUPT when one is not finite. Any thread.
std::vector<float> Dequantise(const void* values, size_t count, FormatType type, const QuantInfo& quant);

// Of one value; 0 for a type that HailoRT resolves itself.
size_t BytesOf(FormatType type);

}  // namespace hailort

#pragma once

#include <vector>

#include "abi.h"
#include "configured_network.h"

namespace hailort {

// What a network says of its inputs and outputs, made into what we write and read. All functions: any thread, no call
// of HailoRT. Each throws NativeError MODEL_UNSUPPORTED that says what was found.

// One input, NHWC with 3 channels; outputs in formats we know, one NMS among them at most.
void RequireUsable(const std::vector<VstreamInfo>& infos);

// In which type this output is asked for: NMS as FLOAT32, others as they are where we can dequantise them ourselves.
FormatType ReadType(const VstreamInfo& info);

// The face of a vstream that is read or written as `type` and says that a frame of it has so many bytes.
NetworkStream StreamOf(const VstreamInfo& info, FormatType type, size_t frameBytes);

}  // namespace hailort

#pragma once

#include <vector>

#include "../hailort/abi.h"
#include "network.h"

// What HailoRT tells of a network's input and outputs. `old`: as 4.20 lays nms_shape out.
hailort::VstreamInfo DescribeInput(const Network& network);
hailort::VstreamInfo DescribeOutput(const Network& network, const NetworkOutput& output, bool old);
// The input, then the outputs in the order of the HEF.
std::vector<hailort::VstreamInfo> DescribeAll(const Network& network, bool old);

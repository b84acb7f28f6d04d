#include "vstream_info.h"

#include <algorithm>
#include <cstring>

using namespace hailort;

namespace {

// HAILO_NMS_RESULT_ORDER_BY_CLASS of 4.20, which lies where max_accumulated_mask_size is later.
constexpr uint32_t kOldOrderByClass = 1;

VstreamInfo Describe(const Network& network, const std::string& name, Direction direction) {
  VstreamInfo info{};
  std::memcpy(info.name, name.c_str(), name.size() + 1);
  // A network is named by its group and itself.
  const std::string full = network.name + "/" + network.name;
  std::memcpy(info.network_name, full.c_str(), full.size() + 1);
  info.direction = direction;
  return info;
}

NmsShape ShapeOf(const NmsOutput& nms, bool old) {
  const uint32_t total = nms.classes * nms.maxPerClass;
  if (old) return {nms.classes, nms.maxPerClass, 0, kOldOrderByClass};
  return {nms.classes, nms.maxPerClass, total, 0};
}

}  // namespace

VstreamInfo DescribeInput(const Network& network) {
  VstreamInfo info = Describe(network, network.inputName, Direction::kHostToDevice);
  info.format = {FormatType::kUint8, FormatOrder::kNhwc, 0};
  info.shape = {network.inputHeight, network.inputWidth, 3};
  info.quant_info = {0, 1, 0, 255};
  return info;
}

VstreamInfo DescribeOutput(const Network& network, const NetworkOutput& output, bool old) {
  VstreamInfo info = Describe(network, output.name, Direction::kDeviceToHost);
  if (output.nms) {
    info.format = {FormatType::kFloat32, FormatOrder::kNmsByClass, 0};
    info.nms_shape = ShapeOf(*output.nms, old);
    info.quant_info = {0, 1, 0, 1};
    return info;
  }
  const TensorOutput& tensor = output.tensor;
  const float most = tensor.wide ? 65535 : 255;
  info.format = {tensor.wide ? FormatType::kUint16 : FormatType::kUint8, FormatOrder::kNhwc, 0};
  info.shape = {tensor.height, tensor.width, tensor.features};
  info.quant_info = {tensor.zeroPoint, tensor.scale, -tensor.zeroPoint * tensor.scale,
                     (most - tensor.zeroPoint) * tensor.scale};
  return info;
}

std::vector<VstreamInfo> DescribeAll(const Network& network, bool old) {
  std::vector<VstreamInfo> infos{DescribeInput(network)};
  for (const auto& output : network.outputs) infos.push_back(DescribeOutput(network, output, old));
  return infos;
}

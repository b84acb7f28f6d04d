#include "hef_streams.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "dequantise.h"
#include "native_error.h"

namespace hailort {

namespace {

constexpr uint32_t kRgbChannels = 3;
// Far beyond every network. What is larger comes from a library or HEF out of order; products of it would wrap round.
constexpr uint32_t kMostOnASide = 65'536;
constexpr size_t kMostFrameBytes = 256 << 20;

[[noreturn]] void Unsupported(const std::string& what) { throw NativeError("MODEL_UNSUPPORTED", what); }

std::string NameOf(const VstreamInfo& info) { return {info.name, strnlen(info.name, sizeof(info.name))}; }

std::string Described(const VstreamInfo& info) {
  return NameOf(info) + " (order " + std::to_string(static_cast<uint32_t>(info.format.order)) + ", " +
         std::to_string(info.shape.height) + "×" + std::to_string(info.shape.width) + "×" +
         std::to_string(info.shape.features) + ")";
}

bool IsNms(const VstreamInfo& info) {
  return info.direction == Direction::kDeviceToHost && info.format.order == FormatOrder::kNmsByClass;
}

size_t ValuesOf(const VstreamInfo& info) { return size_t{info.shape.height} * info.shape.width * info.shape.features; }

void RequirePicture(const VstreamInfo& info) {
  if (info.format.order == FormatOrder::kNhwc && info.shape.features == kRgbChannels && ValuesOf(info) > 0) return;
  Unsupported("The model's input is " + Described(info) + ", not a picture of rows, columns and 3 channels.");
}

void RequireSides(const NetworkStream& stream) {
  const ImageShape& shape = stream.shape;
  const auto [classes, most] = stream.nms.value_or(NmsLayout{0, 0});
  if (std::max({shape.height, shape.width, shape.features, classes, most}) <= kMostOnASide) return;
  Unsupported("The shape of " + stream.name + " is larger than that of any network.");
}

}  // namespace

void RequireUsable(const std::vector<VstreamInfo>& infos) {
  size_t inputs = 0, nmsOutputs = 0;
  for (const VstreamInfo& info : infos) {
    if (info.direction == Direction::kHostToDevice) {
      ++inputs;
      RequirePicture(info);
    } else {
      ReadType(info);
      nmsOutputs += IsNms(info) ? 1 : 0;
    }
  }
  if (inputs != 1) Unsupported("The model has " + std::to_string(inputs) + " inputs, not one.");
  if (inputs == infos.size()) Unsupported("The model has no output.");
  if (nmsOutputs > 1) Unsupported("The model has " + std::to_string(nmsOutputs) + " NMS outputs, one at most.");
}

FormatType ReadType(const VstreamInfo& info) {
  const FormatOrder order = info.format.order;
  if (IsNms(info)) return FormatType::kFloat32;
  if (order != FormatOrder::kNhwc && order != FormatOrder::kNc) {
    Unsupported("The model's output " + NameOf(info) + " has order " + std::to_string(static_cast<uint32_t>(order)) +
                ", not NMS_BY_CLASS, NHWC or NC.");
  }
  return CanDequantise(info.format.type, info.quant_info) ? info.format.type : FormatType::kFloat32;
}

NetworkStream StreamOf(const VstreamInfo& info, FormatType type, size_t frameBytes) {
  NetworkStream stream{NameOf(info), type, frameBytes, std::nullopt, {}, info.quant_info};
  if (IsNms(info)) {
    // Only these two fields mean the same from 4.20 on.
    stream.nms = NmsLayout{info.nms_shape.number_of_classes, info.nms_shape.max_bboxes_per_class};
  } else {
    stream.shape = info.shape;
  }
  RequireSides(stream);
  const size_t expected = stream.nms ? stream.nms->frameBytes() : ValuesOf(info) * BytesOf(type);
  if (frameBytes != expected || expected == 0 || expected > kMostFrameBytes) {
    Unsupported("A frame of " + stream.name + " has " + std::to_string(frameBytes) + " bytes, its shape " +
                std::to_string(expected) + ".");
  }
  return stream;
}

}  // namespace hailort

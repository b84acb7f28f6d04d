#include "dequantise.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "native_error.h"

namespace hailort {

namespace {

// No activation is this coarse: HailoRT's mark of "not one scale" is 2^32.
constexpr float kImpossibleScale = 1e6F;

template <typename Value>
std::vector<float> Scaled(const void* values, size_t count, const QuantInfo& quant) {
  const auto* from = static_cast<const Value*>(values);
  std::vector<float> floats(count);
  std::transform(from, from + count, floats.begin(),
                 [&](Value value) { return quant.qp_scale * (static_cast<float>(value) - quant.qp_zp); });
  return floats;
}

}  // namespace

bool CanDequantise(FormatType type, const QuantInfo& quant) {
  if (type != FormatType::kUint8 && type != FormatType::kUint16) return false;
  return std::isfinite(quant.qp_zp) && quant.qp_scale > 0 && quant.qp_scale < kImpossibleScale;
}

std::vector<float> Dequantise(const void* values, size_t count, FormatType type, const QuantInfo& quant) {
  if (type == FormatType::kUint8) return Scaled<uint8_t>(values, count, quant);
  if (type == FormatType::kUint16) return Scaled<uint16_t>(values, count, quant);
  const auto* floats = static_cast<const float*>(values);
  if (!std::all_of(floats, floats + count, [](float value) { return std::isfinite(value); })) {
    throw NativeError("OUTPUT_CORRUPT", "An output holds a value that is not finite.");
  }
  return {floats, floats + count};
}

size_t BytesOf(FormatType type) {
  switch (type) {
    case FormatType::kUint8:
      return 1;
    case FormatType::kUint16:
      return 2;
    case FormatType::kFloat32:
      return 4;
    default:
      return 0;
  }
}

}  // namespace hailort

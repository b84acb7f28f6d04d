#include "jpeg_range.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace {

// Of a fixed size, so that the compiler makes vector code of it.
constexpr size_t kBlock = 64;

// (clamp(sample, 16, 16 + span) − 16) × gain / 256, in 16 bits: 8 samples at once on ARM.
template <uint16_t span, uint16_t gain, uint16_t half>
void Stretch(uint8_t* samples, size_t count) {
  const auto one = [](uint8_t sample) {
    const uint16_t above = static_cast<uint16_t>(std::clamp<uint8_t>(sample, 16, 16 + span) - 16);
    return static_cast<uint8_t>(static_cast<uint16_t>(above * gain + half) >> 8);
  };
  size_t at = 0;
  for (; at + kBlock <= count; at += kBlock) {
    for (size_t index = 0; index < kBlock; ++index) samples[at + index] = one(samples[at + index]);
  }
  for (; at < count; ++at) samples[at] = one(samples[at]);
}

}  // namespace

void StretchToJpegRange(Picture& picture) {
  const size_t luma = static_cast<size_t>(picture.width()) * picture.height();
  // 255/219: 16 becomes 0, 235 becomes 255.
  Stretch<219, 298, 128>(picture.y(), luma);
  // 255/224 around the middle: 128 stays 128. U and V lie one after the other.
  Stretch<224, 291, 304>(picture.u(), luma / 2);
}

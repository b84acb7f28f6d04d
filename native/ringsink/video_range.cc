#include "video_range.h"

namespace {

// Of a fixed size, so that the compiler makes vector code of it.
constexpr size_t kBlock = 64;

// 16 + (sample × gain + half) / 256, in 16 bits: 8 samples at once on ARM.
template <uint16_t gain, uint16_t half>
void Copy(const uint8_t* __restrict from, uint8_t* __restrict to, size_t count) {
  const auto one = [](uint8_t sample) {
    return static_cast<uint8_t>(16 + (static_cast<uint16_t>(sample * gain + half) >> 8));
  };
  size_t at = 0;
  for (; at + kBlock <= count; at += kBlock) {
    for (size_t index = 0; index < kBlock; ++index) to[at + index] = one(from[at + index]);
  }
  for (; at < count; ++at) to[at] = one(from[at]);
}

}  // namespace

// 219/255 of the full range, rounded: 0 becomes 16, 255 becomes 235.
void CopyLumaToVideoRange(const uint8_t* from, uint8_t* to, size_t count) { Copy<220, 128>(from, to, count); }

// 224/255 around the middle: 128 stays 128, so that grey stays grey.
void CopyChromaToVideoRange(const uint8_t* from, uint8_t* to, size_t count) { Copy<225, 16>(from, to, count); }

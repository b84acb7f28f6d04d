#include "letterbox.h"

#include <libyuv.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

namespace {

// Averages when it shrinks, so that fine texture does not turn into false edges; bilinear when it enlarges.
constexpr libyuv::FilterMode kFilter = libyuv::kFilterBox;

struct I420View {
  const uint8_t *y, *u, *v;
  int width, height;

  int chromaWidth() const { return (width + 1) / 2; }
};

I420View ViewOf(const uint8_t* pixels, uint32_t width, uint32_t height) {
  const size_t chroma = size_t{(width + 1) / 2} * ((height + 1) / 2);
  const uint8_t* u = pixels + size_t{width} * height;
  return {pixels, u, u + chroma, static_cast<int>(width), static_cast<int>(height)};
}

size_t I420Bytes(uint32_t width, uint32_t height) {
  return size_t{width} * height + 2 * size_t{(width + 1) / 2} * ((height + 1) / 2);
}

// Shows the frame as I420: where it lies, or converted into a buffer of the pool when the ring holds RGB.
template <typename Use>
void AsI420(const FrameInfo& info, const uint8_t* pixels, BufferPool& pool, Use use) {
  if (info.format == kFormatI420) return use(ViewOf(pixels, info.width, info.height));
  const auto buffer = pool.Take(I420Bytes(info.width, info.height));
  const I420View view = ViewOf(buffer.data(), info.width, info.height);
  libyuv::RAWToI420(pixels, view.width * 3, const_cast<uint8_t*>(view.y), view.width, const_cast<uint8_t*>(view.u),
                    view.chromaWidth(), const_cast<uint8_t*>(view.v), view.chromaWidth(), view.width, view.height);
  use(view);
}

bool HasPixels(const std::optional<FrameInfo>& info) { return info && !(info->flags & kFlagEndOfStream); }

void FillRows(uint8_t* target, uint32_t rowBytes, uint32_t rows) {
  std::memset(target, kLetterboxGrey, size_t{rowBytes} * rows);
}

// Bytes of one row in three planes of floats.
void SpreadRow(const uint8_t* packed, uint32_t width, float gain, float* first, float* second, float* third) {
  for (uint32_t x = 0; x < width; ++x) {
    first[x] = packed[3 * x] * gain;
    second[x] = packed[3 * x + 1] * gain;
    third[x] = packed[3 * x + 2] * gain;
  }
}

}  // namespace

PicturePlace FitPicture(uint32_t pictureWidth, uint32_t pictureHeight, uint32_t inputWidth, uint32_t inputHeight,
                        Placing placing) {
  const double scale =
      std::min(static_cast<double>(inputWidth) / pictureWidth, static_cast<double>(inputHeight) / pictureHeight);
  const auto scaled = [scale](uint32_t side, uint32_t limit) {
    return std::clamp<uint32_t>(static_cast<uint32_t>(std::lround(side * scale)), 1, limit);
  };
  const uint32_t width = scaled(pictureWidth, inputWidth);
  const uint32_t height = scaled(pictureHeight, inputHeight);
  if (placing == Placing::kTopLeft) return {0, 0, width, height};
  return {(inputWidth - width) / 2, (inputHeight - height) / 2, width, height};
}

std::optional<ScaledFrame> ReadScaled(const RingMapping& ring, uint64_t seq, uint32_t inputWidth, uint32_t inputHeight,
                                      Placing placing, BufferPool& pool) {
  auto buffer = pool.Take(I420Bytes(inputWidth, inputHeight));
  PicturePlace place{};
  const auto info = ReadSlot(ring, seq, [&](const FrameInfo& frame, const uint8_t* pixels) {
    if (frame.flags & kFlagEndOfStream) return;
    place = FitPicture(frame.width, frame.height, inputWidth, inputHeight, placing);
    const I420View to = ViewOf(buffer.data(), place.width, place.height);
    AsI420(frame, pixels, pool, [&](const I420View& from) {
      libyuv::I420Scale(from.y, from.width, from.u, from.chromaWidth(), from.v, from.chromaWidth(), from.width,
                        from.height, const_cast<uint8_t*>(to.y), to.width, const_cast<uint8_t*>(to.u), to.chromaWidth(),
                        const_cast<uint8_t*>(to.v), to.chromaWidth(), to.width, to.height, kFilter);
    });
  });
  if (!HasPixels(info)) return std::nullopt;
  return ScaledFrame{*info, place, std::move(buffer)};
}

void WritePackedRgb(const ScaledFrame& frame, uint32_t inputWidth, uint32_t inputHeight, uint8_t* target) {
  const PicturePlace& place = frame.place;
  const uint32_t rowBytes = 3 * inputWidth;
  const uint32_t below = place.y + place.height;
  FillRows(target, rowBytes, place.y);
  FillRows(target + size_t{rowBytes} * below, rowBytes, inputHeight - below);
  for (uint32_t y = place.y; y < below && place.width < inputWidth; ++y) {
    uint8_t* row = target + size_t{rowBytes} * y;
    const uint32_t right = place.x + place.width;
    FillRows(row, 3 * place.x, 1);
    FillRows(row + 3 * right, 3 * (inputWidth - right), 1);
  }
  libyuv::I420ToRAW(frame.y(), place.width, frame.u(), frame.chromaWidth(), frame.v(), frame.chromaWidth(),
                    target + size_t{rowBytes} * place.y + 3 * place.x, static_cast<int>(rowBytes), place.width,
                    place.height);
}

void WritePlanarFloat(const ScaledFrame& frame, uint32_t inputWidth, uint32_t inputHeight, ChannelOrder order,
                      float gain, BufferPool& pool, float* target) {
  const size_t plane = size_t{inputWidth} * inputHeight;
  const auto packed = pool.Take(3 * plane);
  WritePackedRgb(frame, inputWidth, inputHeight, packed.data());
  float* const red = target + (order == ChannelOrder::kRgb ? 0 : 2 * plane);
  float* const blue = target + (order == ChannelOrder::kRgb ? 2 * plane : 0);
  for (uint32_t y = 0; y < inputHeight; ++y) {
    const size_t row = size_t{y} * inputWidth;
    SpreadRow(packed.data() + 3 * row, inputWidth, gain, red + row, target + plane + row, blue + row);
  }
}

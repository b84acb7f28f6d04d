#include "frame_encoder.h"

#include <libyuv.h>

#include <algorithm>
#include <string>

#include "draw_boxes.h"
#include "jpeg_range.h"
#include "native_error.h"

namespace {

// Any pointer to three planes that lie tightly one after the other.
struct Planes {
  const uint8_t *y, *u, *v;
};

Planes PlanesOf(const uint8_t* pixels, int width, int height) {
  const uint8_t* u = pixels + int64_t{width} * height;
  return {pixels, u, u + int64_t{width / 2} * (height / 2)};
}

void CopyOrScale(const Planes& from, int width, int height, Picture& to) {
  // Box filtering costs as little as linear here and does not flicker when the picture is made much smaller.
  libyuv::I420Scale(from.y, width, from.u, width / 2, from.v, width / 2, width, height, to.y(), to.width(), to.u(),
                    to.chromaWidth(), to.v(), to.chromaWidth(), to.width(), to.height(), libyuv::kFilterBox);
}

// "RAW" is libyuv's name for bytes in the order R, G, B; "J420" is I420 with the full range of brightness, as JPEG has
// it.
void FromRgb(const uint8_t* pixels, Picture& to) {
  libyuv::RAWToJ420(pixels, to.width() * 3, to.y(), to.width(), to.u(), to.chromaWidth(), to.v(), to.chromaWidth(),
                    to.width(), to.height());
}

uint32_t Even(uint64_t size) { return std::max<uint32_t>(2, static_cast<uint32_t>(size / 2 * 2)); }

}  // namespace

FrameEncoder::FrameEncoder() : compressor_(tjInitCompress()) {
  if (!compressor_) throw NativeError("JPEG_FAILED", std::string("libjpeg-turbo: ") + tjGetErrorStr2(nullptr));
}

std::optional<EncodedFrame> FrameEncoder::Encode(const RingMapping& ring, uint64_t seq, const EncodeOptions& options) {
  bool copied = false;
  std::optional<ResultBlock> results;
  const auto info = ReadSlot(ring, seq, [&](const FrameInfo& frame, const uint8_t* pixels) {
    if (frame.bytes == 0) return;
    Copy(frame, pixels, options.width);
    // Here, so that the slot's recheck covers both: these boxes lie in this picture.
    results = ReadResultBlock(ring, seq);
    copied = true;
  });
  if (!info || !copied) return std::nullopt;
  if (info->format == kFormatI420) StretchToJpegRange(picture_);
  uint32_t people = 0;
  if (results) {
    for (const ResultDetection& detection : results->detections) people += detection.classId == 0 ? 1 : 0;
    if (options.overlay) DrawBoxes(picture_, *results);
  }
  return EncodedFrame{Compress(options.quality), *info, people};
}

// Works on the slot in place, but what it makes is used only after ReadSlot has rechecked the lock.
void FrameEncoder::Copy(const FrameInfo& info, const uint8_t* pixels, uint32_t width) {
  const auto frameWidth = static_cast<int>(info.width);
  const auto frameHeight = static_cast<int>(info.height);
  if (width == 0 || width >= info.width) {
    picture_.Resize(info.width, info.height);
  } else {
    picture_.Resize(Even(width), Even((uint64_t{info.height} * width + info.width / 2) / info.width));
  }
  const bool scaled = picture_.width() != frameWidth || picture_.height() != frameHeight;
  if (info.format == kFormatI420) {
    CopyOrScale(PlanesOf(pixels, frameWidth, frameHeight), frameWidth, frameHeight, picture_);
  } else if (!scaled) {
    FromRgb(pixels, picture_);
  } else {
    unscaled_.Resize(info.width, info.height);
    FromRgb(pixels, unscaled_);
    CopyOrScale({unscaled_.y(), unscaled_.u(), unscaled_.v()}, frameWidth, frameHeight, picture_);
  }
}

std::vector<uint8_t> FrameEncoder::Compress(int quality) {
  const unsigned char* planes[] = {picture_.y(), picture_.u(), picture_.v()};
  const int strides[] = {picture_.width(), picture_.chromaWidth(), picture_.chromaWidth()};
  jpeg_.resize(tjBufSize(picture_.width(), picture_.height(), TJSAMP_420));
  unsigned char* target = jpeg_.data();
  auto bytes = static_cast<unsigned long>(jpeg_.size());
  if (tjCompressFromYUVPlanes(compressor_.get(), planes, picture_.width(), strides, picture_.height(), TJSAMP_420,
                              &target, &bytes, quality, TJFLAG_NOREALLOC) != 0) {
    throw NativeError("JPEG_FAILED", std::string("libjpeg-turbo: ") + tjGetErrorStr2(compressor_.get()));
  }
  return {jpeg_.begin(), jpeg_.begin() + static_cast<int64_t>(bytes)};
}

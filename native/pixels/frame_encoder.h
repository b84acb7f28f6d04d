#pragma once

#include <turbojpeg.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <type_traits>
#include <vector>

#include "core/slot_reader.h"
#include "picture.h"

struct EncodeOptions {
  bool overlay;
  uint32_t width;  // of the JPEG; 0 = as it lies in the ring. Never enlarges.
  int quality;     // 1-100
};

struct EncodedFrame {
  std::vector<uint8_t> jpeg;
  FrameInfo info;
  uint32_t people;  // persons in the frame's result block
};

// Makes JPEGs out of ring slots. Owns a compressor and buffers that are used again for every frame. One thread.
class FrameEncoder {
 public:
  FrameEncoder();

  // nullopt when the frame was overwritten before it was copied, or has no pixels (end of stream).
  // Throws NativeError JPEG_FAILED when libjpeg-turbo refuses.
  std::optional<EncodedFrame> Encode(const RingMapping& ring, uint64_t seq, const EncodeOptions& options);

 private:
  struct CloseCompressor {
    void operator()(void* handle) const { tjDestroy(handle); }
  };

  void Copy(const FrameInfo& info, const uint8_t* pixels, uint32_t width);
  std::vector<uint8_t> Compress(int quality);

  std::unique_ptr<std::remove_pointer_t<tjhandle>, CloseCompressor> compressor_;
  Picture picture_;
  Picture unscaled_;  // of an RGB frame that is scaled
  std::vector<uint8_t> jpeg_;
};

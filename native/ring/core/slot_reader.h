#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "mapping.h"

struct FrameInfo {
  uint64_t seq;
  int64_t ptsNs;  // -1 = unknown
  uint64_t arrivedNs;
  uint32_t width, height, format, bytes, flags, generation;
};

// Shows frame `seq` to `use` where it lies; nullopt when the slot holds another frame, is not written yet, or was
// overwritten meanwhile. `use` may only copy or scale out of `pixels` (info.bytes of them; none at the end of a
// stream), and what it made is valid only when a frame is returned: until the lock is rechecked it may be half of
// another frame. `use` is not called for a slot that is already lost, and never with sizes beyond the ring's geometry.
// Any thread.
std::optional<FrameInfo> ReadSlot(const RingMapping& ring, uint64_t seq,
                                  const std::function<void(const FrameInfo&, const uint8_t* pixels)>& use);

struct ResultBlock {
  uint32_t inferenceUs = 0;
  uint32_t flags = 0;
  std::vector<ResultDetection> detections;
};

// The result block of frame `seq`; nullopt when there is none, when it is being written, or the slot holds another
// frame. Any thread.
std::optional<ResultBlock> ReadResultBlock(const RingMapping& ring, uint64_t seq);

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "core/mapping.h"
#include "core/slot_reader.h"
#include "nms.h"

namespace hailort {

struct InferenceBatch;

// One frame on its way through the pipeline, and then what the chip said of it. Owner: its batch.
struct InferenceFrame {
  // Where the frame lies; null: `bytes` are the input itself.
  std::shared_ptr<RingMapping> ring;
  uint64_t seq = 0;
  std::vector<uint8_t> bytes;

  InferenceBatch* batch = nullptr;
  size_t outputsLeft = 0;

  // The slot was overwritten before it was copied: there is no answer.
  bool overwritten = false;
  std::optional<FrameInfo> info;  // none for bytes
  InputPart picture;
  std::vector<float> detections;
  std::vector<std::vector<float>> tensors;  // by output; empty for NMS
};

// What one call of infer() asked for. At one place in memory from Submit to the answer.
struct InferenceBatch {
  uint64_t id = 0;
  std::vector<InferenceFrame> frames;
  size_t framesLeft = 0;
};

}  // namespace hailort

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace hailort {

// The answer of an NMS_BY_CLASS output as FLOAT32: for each class a count, then so many boxes of 20 bytes. Packed and
// of variable length inside a frame of fixed size. All functions here: any thread.
struct NmsLayout {
  uint32_t classes;
  uint32_t maxBoxesPerClass;

  // Of one frame: what every box of every class would take.
  size_t frameBytes() const { return size_t{classes} * (1 + size_t{5} * maxBoxesPerClass) * sizeof(float); }
};

// What is left of the answer.
struct NmsFilter {
  std::optional<float> scoreThreshold;
  // Only when the chip would not do it: suppresses boxes of a class that overlap a stronger one by more.
  std::optional<float> iouThreshold;
  // By class; empty: all.
  std::vector<bool> classes;

  bool Takes(uint32_t classId) const { return classes.empty() || (classId < classes.size() && classes[classId]); }
};

// The part of the network's input in which the picture lies, 0–1.
struct InputPart {
  double x = 0, y = 0, width = 1, height = 1;
};

inline constexpr size_t kValuesPerDetection = 6;

// n × [x1, y1, x2, y2, score, class] of the picture, 0–1, clamped, strongest first; a box of which nothing lies in the
// picture is left out. `floats` values lie at `answer`. Throws NativeError OUTPUT_CORRUPT for what no chip in order
// says: a count that is no whole number from 0 to the most, boxes beyond the end, a value that is not finite.
std::vector<float> DecodeNms(const float* answer, size_t floats, const NmsLayout& layout, const NmsFilter& filter,
                             const InputPart& picture);

}  // namespace hailort

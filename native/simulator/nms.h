#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "vision_plugin.h"

// What an NMS output gives at most, and by which thresholds; without them everything the detector found.
struct NmsRules {
  uint32_t classes;
  uint32_t maxPerClass;
  float scoreThreshold = 0;
  std::optional<float> iouThreshold;

  // classes × (1 + 5 × maxPerClass) floats
  size_t frameBytes() const { return size_t{classes} * (1 + 5 * size_t{maxPerClass}) * sizeof(float); }
};

// Packs boxes as HAILO_NMS_BY_CLASS: per class a float count, then y_min, x_min, y_max, x_max, score of each, best
// first. `packed` keeps its memory; what lies behind its end in a frame means nothing. No memory is taken once it has
// grown. Any thread.
void PackNms(std::span<const SimBox> boxes, const NmsRules& rules, std::vector<uint8_t>& packed);

// What a chip that is going mad might say: in turns a count that cannot be, and boxes that are no numbers.
void PackNonsense(const NmsRules& rules, uint64_t turn, std::vector<uint8_t>& packed);

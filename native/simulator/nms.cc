#include "nms.h"

#include <algorithm>
#include <cstring>

#include "../hailort/abi.h"

namespace {

template <typename Value>
void Append(std::vector<uint8_t>& packed, const Value& value) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(&value);
  packed.insert(packed.end(), bytes, bytes + sizeof value);
}

float Overlap(const SimBox& a, const SimBox& b) {
  const float width = std::min(a.x2, b.x2) - std::max(a.x1, b.x1);
  const float height = std::min(a.y2, b.y2) - std::max(a.y1, b.y1);
  if (width <= 0 || height <= 0) return 0;
  const float both = width * height;
  return both / ((a.x2 - a.x1) * (a.y2 - a.y1) + (b.x2 - b.x1) * (b.y2 - b.y1) - both);
}

bool IsKept(const SimBox& box, std::span<const SimBox> better, const NmsRules& rules) {
  if (box.score < rules.scoreThreshold || better.size() >= rules.maxPerClass) return false;
  if (!rules.iouThreshold) return true;
  return std::none_of(better.begin(), better.end(),
                      [&](const SimBox& other) { return Overlap(box, other) > *rules.iouThreshold; });
}

}  // namespace

void PackNms(std::span<const SimBox> boxes, const NmsRules& rules, std::vector<uint8_t>& packed) {
  thread_local std::vector<SimBox> sorted, kept;
  sorted.assign(boxes.begin(), boxes.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const SimBox& a, const SimBox& b) {
    return a.classId != b.classId ? a.classId < b.classId : a.score > b.score;
  });
  packed.clear();
  auto box = sorted.begin();
  for (uint32_t classId = 0; classId < rules.classes; classId++) {
    kept.clear();
    for (; box != sorted.end() && box->classId == classId; ++box) {
      if (IsKept(*box, kept, rules)) kept.push_back(*box);
    }
    Append(packed, static_cast<float>(kept.size()));
    for (const auto& [x1, y1, x2, y2, score, ignored] : kept) {
      Append(packed, hailort::BboxFloat32{y1, x1, y2, x2, score});
    }
  }
}

void PackNonsense(const NmsRules& rules, uint64_t turn, std::vector<uint8_t>& packed) {
  constexpr float kNoNumber = std::numeric_limits<float>::quiet_NaN();
  packed.clear();
  if (turn % 2 == 0) {
    Append(packed, static_cast<float>(rules.maxPerClass) + 1'000);
    return;
  }
  Append(packed, 1.0f);
  Append(packed, hailort::BboxFloat32{kNoNumber, kNoNumber, kNoNumber, kNoNumber, 0.9f});
  for (uint32_t classId = 1; classId < rules.classes; classId++) Append(packed, 0.0f);
}

#include "nms.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>

#include "abi.h"
#include "native_error.h"

namespace hailort {

namespace {

constexpr size_t kFloatsPerBox = sizeof(BboxFloat32) / sizeof(float);

struct Found {
  float x1, y1, x2, y2, score;
  uint32_t classId;
};

[[noreturn]] void Corrupt(const std::string& what) {
  throw NativeError("OUTPUT_CORRUPT", "The NMS output " + what + ".");
}

// Takes the packed answer apart, from front to back.
class Packed {
 public:
  Packed(const float* values, size_t count) : at_(values), left_(count) {}

  uint32_t Count(uint32_t classId, uint32_t most) {
    if (left_ < 1) Corrupt("ends before class " + std::to_string(classId));
    const float count = *at_;
    ++at_;
    --left_;
    if (!(count >= 0 && count <= static_cast<float>(most)) || count != std::floor(count)) {
      Corrupt("counts " + std::to_string(count) + " boxes of class " + std::to_string(classId));
    }
    return static_cast<uint32_t>(count);
  }

  BboxFloat32 Box(uint32_t classId) {
    if (left_ < kFloatsPerBox) Corrupt("ends inside the boxes of class " + std::to_string(classId));
    BboxFloat32 box;
    std::memcpy(&box, at_, sizeof(box));
    at_ += kFloatsPerBox;
    left_ -= kFloatsPerBox;
    if (!std::isfinite(box.x_min) || !std::isfinite(box.y_min) || !std::isfinite(box.x_max) ||
        !std::isfinite(box.y_max) || !std::isfinite(box.score)) {
      Corrupt("holds a box of class " + std::to_string(classId) + " that is not finite");
    }
    return box;
  }

 private:
  const float* at_;
  size_t left_;
};

float Unit(double value) { return static_cast<float>(std::clamp(value, 0.0, 1.0)); }

float Overlap(const Found& one, const Found& other) {
  const float width = std::min(one.x2, other.x2) - std::max(one.x1, other.x1);
  const float height = std::min(one.y2, other.y2) - std::max(one.y1, other.y1);
  if (width <= 0 || height <= 0) return 0;
  const float common = width * height;
  const float sum = (one.x2 - one.x1) * (one.y2 - one.y1) + (other.x2 - other.x1) * (other.y2 - other.y1);
  return common / (sum - common);
}

// `found` is sorted, strongest first.
void Suppress(std::vector<Found>& found, float iouThreshold) {
  std::vector<Found> kept;
  for (const Found& box : found) {
    const bool covered = std::any_of(kept.begin(), kept.end(), [&](const Found& stronger) {
      return stronger.classId == box.classId && Overlap(stronger, box) > iouThreshold;
    });
    if (!covered) kept.push_back(box);
  }
  found = std::move(kept);
}

std::vector<Found> Unpack(Packed packed, const NmsLayout& layout, const NmsFilter& filter) {
  std::vector<Found> found;
  for (uint32_t classId = 0; classId < layout.classes; ++classId) {
    const bool wanted = filter.Takes(classId);
    for (uint32_t left = packed.Count(classId, layout.maxBoxesPerClass); left > 0; --left) {
      const BboxFloat32 box = packed.Box(classId);  // checked even when it is not wanted
      if (!wanted || (filter.scoreThreshold && box.score < *filter.scoreThreshold)) continue;
      found.push_back({box.x_min, box.y_min, box.x_max, box.y_max, box.score, classId});
    }
  }
  return found;
}

}  // namespace

std::vector<float> DecodeNms(const float* answer, size_t floats, const NmsLayout& layout, const NmsFilter& filter,
                             const InputPart& picture) {
  std::vector<Found> found = Unpack(Packed(answer, floats), layout, filter);
  // Stable: of equals, the order of the chip.
  std::stable_sort(found.begin(), found.end(), [](const Found& a, const Found& b) { return a.score > b.score; });
  // As the chip would: in its input, before anything is cut off.
  if (filter.iouThreshold) Suppress(found, *filter.iouThreshold);
  const auto x = [&](float value) { return Unit((value - picture.x) / picture.width); };
  const auto y = [&](float value) { return Unit((value - picture.y) / picture.height); };
  std::vector<float> values;
  values.reserve(found.size() * kValuesPerDetection);
  for (const Found& box : found) {
    const float x1 = x(box.x1), y1 = y(box.y1), x2 = x(box.x2), y2 = y(box.y2);
    if (x2 <= x1 || y2 <= y1) continue;
    values.insert(values.end(), {x1, y1, x2, y2, box.score, static_cast<float>(box.classId)});
  }
  return values;
}

}  // namespace hailort

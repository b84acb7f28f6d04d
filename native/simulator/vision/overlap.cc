#include "overlap.h"

#include <algorithm>
#include <tuple>

namespace {

// Weakest first out, before the pairs are compared: a model that finds something everywhere must not cost seconds.
constexpr size_t kMostCandidates = 1000;

float Area(const SimBox& box) { return (box.x2 - box.x1) * (box.y2 - box.y1); }

float Iou(const SimBox& a, const SimBox& b) {
  const float width = std::min(a.x2, b.x2) - std::max(a.x1, b.x1);
  const float height = std::min(a.y2, b.y2) - std::max(a.y1, b.y1);
  if (width <= 0 || height <= 0) return 0;
  return width * height / (Area(a) + Area(b) - width * height);
}

}  // namespace

std::vector<SimBox> WithoutRepeats(std::vector<SimBox> boxes, float mostIou) {
  std::sort(boxes.begin(), boxes.end(), [](const SimBox& a, const SimBox& b) {
    return std::tie(b.score, a.classId, a.y1, a.x1) < std::tie(a.score, b.classId, b.y1, b.x1);
  });
  if (boxes.size() > kMostCandidates) boxes.resize(kMostCandidates);
  std::vector<SimBox> kept;
  for (const SimBox& box : boxes) {
    const bool again = std::any_of(kept.begin(), kept.end(), [&](const SimBox& better) {
      return better.classId == box.classId && Iou(better, box) > mostIou;
    });
    if (!again) kept.push_back(box);
  }
  return kept;
}

#include "yolo_output.h"

#include <algorithm>
#include <cmath>

namespace {

constexpr int kStrides[] = {8, 16, 32};
constexpr int kPlaceValues = 4;

struct BestClass {
  uint32_t classId = 0;
  float score = 0;
};

// The largest of `count` scores that lie `step` apart.
BestClass BestOf(const float* scores, int count, int step) {
  BestClass best;
  for (int classId = 0; classId < count; ++classId) {
    const float score = scores[static_cast<ptrdiff_t>(classId) * step];
    if (score > best.score) best = {static_cast<uint32_t>(classId), score};
  }
  return best;
}

void AddBox(std::vector<SimBox>& boxes, cv::Point2f centre, cv::Size2f size, const BestClass& best) {
  const SimBox box = {centre.x - size.width / 2,  centre.y - size.height / 2, centre.x + size.width / 2,
                      centre.y + size.height / 2, std::min(1.0F, best.score), best.classId};
  for (const float side : {box.x1, box.y1, box.x2, box.y2}) {
    if (!std::isfinite(side)) return;
  }
  boxes.push_back(box);
}

// Anchors one after the other, as the last layer gives them: place and size still relative to the cell of their grid.
std::vector<SimBox> DecodeYolox(const cv::Mat& output, cv::Size input, float leastScore) {
  std::vector<SimBox> boxes;
  const int values = output.size[2];
  const auto* anchor = output.ptr<float>();
  for (const int stride : kStrides) {
    const int columns = input.width / stride;
    const int cells = columns * (input.height / stride);
    const auto side = static_cast<float>(stride);
    for (int cell = 0; cell < cells; ++cell, anchor += values) {
      const float objectness = anchor[kPlaceValues];
      if (!(objectness >= leastScore)) continue;
      BestClass best = BestOf(anchor + kPlaceValues + 1, values - kPlaceValues - 1, 1);
      best.score *= objectness;
      if (!(best.score >= leastScore)) continue;
      const cv::Point2f corner(static_cast<float>(cell % columns), static_cast<float>(cell / columns));
      AddBox(boxes, {(anchor[0] + corner.x) * side, (anchor[1] + corner.y) * side},
             {std::exp(anchor[2]) * side, std::exp(anchor[3]) * side}, best);
    }
  }
  return boxes;
}

// One row a value, all anchors in it, in pixels of the input already.
std::vector<SimBox> DecodeYolov8(const cv::Mat& output, float leastScore) {
  std::vector<SimBox> boxes;
  const int values = output.size[1];
  const int anchors = output.size[2];
  const auto* rows = output.ptr<float>();
  for (int anchor = 0; anchor < anchors; ++anchor) {
    const auto value = [&](int row) { return rows[static_cast<ptrdiff_t>(row) * anchors + anchor]; };
    const float* const scores = rows + static_cast<ptrdiff_t>(kPlaceValues) * anchors + anchor;
    const BestClass best = BestOf(scores, values - kPlaceValues, anchors);
    if (best.score >= leastScore) AddBox(boxes, {value(0), value(1)}, {value(2), value(3)}, best);
  }
  return boxes;
}

}  // namespace

std::optional<YoloKind> KindOfOutput(const std::vector<int>& shape, cv::Size input) {
  if (shape.size() != 3 || shape[0] != 1) return std::nullopt;
  int anchors = 0;
  for (const int stride : kStrides) anchors += (input.width / stride) * (input.height / stride);
  if (shape[1] == anchors && shape[2] > kPlaceValues + 1) return YoloKind::kYolox;
  if (shape[2] == anchors && shape[1] > kPlaceValues) return YoloKind::kYolov8;
  return std::nullopt;
}

std::vector<SimBox> BoxesInOutput(YoloKind kind, const cv::Mat& output, cv::Size input, float leastScore) {
  return kind == YoloKind::kYolox ? DecodeYolox(output, input, leastScore) : DecodeYolov8(output, leastScore);
}

#include "picture_place.h"

#include <algorithm>

#include "core/letterbox.h"

namespace {

constexpr size_t kRgbBytes = 3;

bool IsGrey(const uint8_t* pixels, size_t count) {
  return std::all_of(pixels, pixels + kRgbBytes * count, [](uint8_t value) { return value == kLetterboxGrey; });
}

const uint8_t* PixelAt(const InputFrame& frame, int x, int y) {
  return frame.rgb + kRgbBytes * (static_cast<size_t>(y) * frame.width + x);
}

bool IsGreyRow(const InputFrame& frame, int y) { return IsGrey(PixelAt(frame, 0, y), frame.width); }

bool IsGreyColumn(const InputFrame& frame, int x, const cv::Range& rows) {
  for (int y = rows.start; y < rows.end; ++y) {
    if (!IsGrey(PixelAt(frame, x, y), 1)) return false;
  }
  return true;
}

}  // namespace

cv::Rect FindPicture(const InputFrame& frame) {
  cv::Range rows(0, frame.height);
  while (rows.start < rows.end && IsGreyRow(frame, rows.start)) ++rows.start;
  while (rows.start < rows.end && IsGreyRow(frame, rows.end - 1)) --rows.end;
  if (rows.empty()) return {};
  // Some row holds another colour, so some column does.
  cv::Range columns(0, frame.width);
  while (IsGreyColumn(frame, columns.start, rows)) ++columns.start;
  while (IsGreyColumn(frame, columns.end - 1, rows)) --columns.end;
  return {columns.start, rows.start, columns.size(), rows.size()};
}

cv::Mat PixelsOf(const InputFrame& frame, const cv::Rect& picture) {
  auto* const readOnly = const_cast<uint8_t*>(frame.rgb);  // cv::Mat has no other way to look at const memory
  return cv::Mat(frame.height, frame.width, CV_8UC3, readOnly)(picture);
}

SimBox BoxInInput(const SimBox& box, const cv::Rect& picture, const InputFrame& frame) {
  const auto x = [&](float share) {
    return (static_cast<float>(picture.x) + share * static_cast<float>(picture.width)) /
           static_cast<float>(frame.width);
  };
  const auto y = [&](float share) {
    return (static_cast<float>(picture.y) + share * static_cast<float>(picture.height)) /
           static_cast<float>(frame.height);
  };
  return {x(box.x1), y(box.y1), x(box.x2), y(box.y2), box.score, box.classId};
}

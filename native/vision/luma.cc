#include "luma.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace {

int WidthFor(int height, uint32_t frameWidth, uint32_t frameHeight) {
  return std::max(1, static_cast<int>(std::lround(static_cast<double>(frameWidth) * height / frameHeight)));
}

// Video luma goes from 16 to 235. The classifiers take the root of each pixel first, so people in dark clothes lose
// much of their outline when black is not 0.
constexpr double kVideoBlack = 16;
constexpr double kFullRange = 255.0 / (235 - kVideoBlack);

// Scaled by the exact share that each pixel covers: libyuv's box filter takes whole pixels only, and the false edges
// that come of it look like legs to the classifiers (precision .48 instead of .98 on a picture shrunk to a third).
void Scale(const cv::Mat& from, cv::Mat to) {
  cv::resize(from, to, to.size(), 0, 0, to.rows < from.rows ? cv::INTER_AREA : cv::INTER_LINEAR);
}

void ScaleLuma(const FrameInfo& frame, const uint8_t* pixels, cv::Mat to) {
  const auto width = static_cast<int>(frame.width);
  const auto height = static_cast<int>(frame.height);
  auto* const readOnly = const_cast<uint8_t*>(pixels);  // cv::Mat has no other way to look at const memory
  if (frame.format == kFormatI420) {
    Scale(cv::Mat(height, width, CV_8UC1, readOnly), to);
    to.convertTo(to, CV_8U, kFullRange, -kVideoBlack * kFullRange);
    return;
  }
  cv::Mat scaled(to.size(), CV_8UC3);
  Scale(cv::Mat(height, width, CV_8UC3, readOnly), scaled);
  cv::cvtColor(scaled, to, cv::COLOR_RGB2GRAY);
}

}  // namespace

std::optional<BorderedLuma> ReadLuma(const RingMapping& ring, uint64_t seq, int height, int border, BufferPool& pool) {
  std::optional<BorderedLuma> luma;
  const auto info = ReadSlot(ring, seq, [&](const FrameInfo& frame, const uint8_t* pixels) {
    if (frame.flags & kFlagEndOfStream) return;
    const cv::Size picture(WidthFor(height, frame.width, frame.height), height);
    const size_t bytes = static_cast<size_t>(picture.width + 2 * border) * (picture.height + 2 * border);
    luma.emplace(BorderedLuma{frame, picture, border, pool.Take(bytes)});
    ScaleLuma(frame, pixels, luma->plane()(cv::Rect(cv::Point(border, border), picture)));
  });
  if (!info || !luma) return std::nullopt;
  const cv::Mat plane = luma->plane();
  // Isolated: the pixels around the picture in this buffer are no part of it. In place: it fills the border only.
  cv::copyMakeBorder(plane(cv::Rect(cv::Point(border, border), luma->picture)), plane, border, border, border, border,
                     cv::BORDER_REPLICATE | cv::BORDER_ISOLATED);
  return luma;
}

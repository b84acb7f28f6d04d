#include "frame_search.h"

#include <opencv2/imgproc.hpp>

namespace {

// Video luma goes from 16 to 235. The classifiers take the root of each pixel first, so people in dark clothes lose
// much of their outline when black is not 0.
constexpr double kVideoBlack = 16;
constexpr double kFullRange = 255.0 / (235 - kVideoBlack);

void ScaleLuma(const FrameInfo& frame, const uint8_t* pixels, cv::Mat to) {
  const auto width = static_cast<int>(frame.width);
  const auto height = static_cast<int>(frame.height);
  auto* const readOnly = const_cast<uint8_t*>(pixels);  // cv::Mat has no other way to look at const memory
  if (frame.format == kFormatI420) {
    ScalePixels(cv::Mat(height, width, CV_8UC1, readOnly), to);
    to.convertTo(to, CV_8U, kFullRange, -kVideoBlack * kFullRange);
    return;
  }
  cv::Mat scaled(to.size(), CV_8UC3);
  ScalePixels(cv::Mat(height, width, CV_8UC3, readOnly), scaled);
  cv::cvtColor(scaled, to, cv::COLOR_RGB2GRAY);
}

}  // namespace

std::optional<FoundPeople> FrameSearch::Find(const RingMapping& ring, uint64_t seq, const HogSearch& search) {
  const std::lock_guard lock(oneAtATime_);
  std::optional<BorderedLuma> luma;
  const auto info = ReadSlot(ring, seq, [&](const FrameInfo& frame, const uint8_t* pixels) {
    if (frame.flags & kFlagEndOfStream) return;
    const cv::Size size(static_cast<int>(frame.width), static_cast<int>(frame.height));
    luma.emplace(MakeLuma(size, static_cast<int>(search.searchHeight), kSearchBorder, pool_));
    ScaleLuma(frame, pixels, luma->inside());
  });
  if (!info || !luma) return std::nullopt;
  luma->RepeatEdges();
  return FoundPeople{*info, people_.Find(*luma, search)};
}

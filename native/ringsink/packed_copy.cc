#include "packed_copy.h"

#include <cstring>
#include <utility>

#include "video_range.h"

namespace {

constexpr uint8_t kBlackLuma = 16;
constexpr uint8_t kBlackChroma = 128;

void CopyAsItIs(const uint8_t* from, uint8_t* to, size_t count) { std::memcpy(to, from, count); }

}  // namespace

PackedCopy::PackedCopy(const GstVideoInfo& info, const std::vector<Polygon>& masks) {
  const auto width = static_cast<uint32_t>(GST_VIDEO_INFO_WIDTH(&info));
  const auto height = static_cast<uint32_t>(GST_VIDEO_INFO_HEIGHT(&info));
  if (GST_VIDEO_INFO_FORMAT(&info) == GST_VIDEO_FORMAT_RGB) {
    planes_.push_back({width * 3, height, 3, 0, MakePlaneMask(masks, width, height, 1), CopyAsItIs});
  } else {
    // Here, on the way into the slot: as a conversion of GStreamer's it would be a pass over the picture of its own.
    const bool full = info.colorimetry.range == GST_VIDEO_COLOR_RANGE_0_255;
    const CopySamples copyLuma = full ? CopyLumaToVideoRange : CopyAsItIs;
    const CopySamples copyChroma = full ? CopyChromaToVideoRange : CopyAsItIs;
    PlaneMask chroma = MakePlaneMask(masks, width / 2, height / 2, 2);
    planes_.push_back({width, height, 1, kBlackLuma, MakePlaneMask(masks, width, height, 1), copyLuma});
    planes_.push_back({width / 2, height / 2, 1, kBlackChroma, chroma, copyChroma});
    planes_.push_back({width / 2, height / 2, 1, kBlackChroma, std::move(chroma), copyChroma});
  }
  for (const Plane& plane : planes_) bytes_ += plane.rowBytes * plane.rows;
}

void PackedCopy::Run(const GstVideoFrame& frame, uint8_t* target) const {
  for (size_t index = 0; index < planes_.size(); ++index) {
    const Plane& plane = planes_[index];
    CopyPlane(plane, static_cast<const uint8_t*>(GST_VIDEO_FRAME_PLANE_DATA(&frame, index)),
              GST_VIDEO_FRAME_PLANE_STRIDE(&frame, index), target);
    target += static_cast<size_t>(plane.rowBytes) * plane.rows;
  }
}

void PackedCopy::CopyPlane(const Plane& plane, const uint8_t* source, size_t stride, uint8_t* target) {
  if (plane.mask.empty() && stride == plane.rowBytes) {
    plane.copy(source, target, static_cast<size_t>(plane.rowBytes) * plane.rows);
    return;
  }
  for (uint32_t row = 0; row < plane.rows; ++row, source += stride, target += plane.rowBytes) {
    if (plane.mask.empty()) {
      plane.copy(source, target, plane.rowBytes);
      continue;
    }
    for (const MaskRun& run : plane.mask.rows[row]) {
      const size_t begin = static_cast<size_t>(run.begin) * plane.sampleBytes;
      const size_t size = static_cast<size_t>(run.end - run.begin) * plane.sampleBytes;
      if (run.masked) {
        std::memset(target + begin, plane.black, size);
      } else {
        plane.copy(source + begin, target + begin, size);
      }
    }
  }
}

#pragma once

#include <gst/video/video.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "mask.h"

// How a video frame of GStreamer becomes the tightly packed pixels of a slot, I420 in the range of video whatever it
// came in, masks burned in: masked pixels are never copied, not even for a moment. Made once for each format. One
// thread.
class PackedCopy {
 public:
  // I420 or RGB, even sides: the caller has checked.
  PackedCopy(const GstVideoInfo& info, const std::vector<Polygon>& masks);

  uint32_t bytes() const { return bytes_; }
  // Writes exactly bytes() into `target`.
  void Run(const GstVideoFrame& frame, uint8_t* target) const;

 private:
  using CopySamples = void (*)(const uint8_t* from, uint8_t* to, size_t count);
  struct Plane {
    uint32_t rowBytes, rows;
    uint32_t sampleBytes;
    uint8_t black;
    PlaneMask mask;
    CopySamples copy;
  };
  static void CopyPlane(const Plane& plane, const uint8_t* source, size_t stride, uint8_t* target);

  std::vector<Plane> planes_;
  uint32_t bytes_ = 0;
};

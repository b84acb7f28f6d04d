#pragma once

#include <cstdint>
#include <opencv2/core/mat.hpp>
#include <optional>

#include "core/buffer_pool.h"
#include "core/slot_reader.h"

// A luma plane with a border around the picture that repeats its edge pixels, checked against its slot. Owner: one
// search.
struct BorderedLuma {
  FrameInfo info;
  cv::Size picture;  // without the border
  int border;
  BufferPool::Lease buffer;

  cv::Mat plane() const { return {picture.height + 2 * border, picture.width + 2 * border, CV_8UC1, buffer.data()}; }
};

// The Y plane of frame `seq`, scaled to `height` with its aspect ratio kept; nullopt when the frame was overwritten
// before that was done, or has no pixels (end of stream). Takes one buffer of the pool. Any thread.
std::optional<BorderedLuma> ReadLuma(const RingMapping& ring, uint64_t seq, int height, int border, BufferPool& pool);

#pragma once

#include <opencv2/core/mat.hpp>

#include "core/buffer_pool.h"

// A luma plane, 0–255 from black to white, with a border around the picture that repeats its edge pixels. Owner: one
// search.
struct BorderedLuma {
  cv::Size picture;  // without the border
  int border;
  BufferPool::Lease buffer;

  cv::Mat plane() const { return {picture.height + 2 * border, picture.width + 2 * border, CV_8UC1, buffer.data()}; }
  cv::Mat inside() const { return plane()(cv::Rect(cv::Point(border, border), picture)); }

  // Fills the border, once the picture is there.
  void RepeatEdges() const;
};

// Room for a picture of `frame`'s shape, `height` pixels high. Takes one buffer of the pool. Any thread.
BorderedLuma MakeLuma(cv::Size frame, int height, int border, BufferPool& pool);

// Any number of channels, each scaled to the size of `to`.
void ScalePixels(const cv::Mat& from, cv::Mat to);

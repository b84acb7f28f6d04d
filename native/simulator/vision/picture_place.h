#pragma once

#include <opencv2/core/mat.hpp>

#include "sight.h"

// The part of a letterboxed input that holds the picture: all but the rows and columns at its edges that are nothing
// but the letterbox's grey. Empty when the whole input is grey. Any thread.
cv::Rect FindPicture(const InputFrame& frame);

// The pixels of that part, where they lie: RGB, 3 bytes each.
cv::Mat PixelsOf(const InputFrame& frame, const cv::Rect& picture);

// A box of the picture (0–1) as one of the whole input (0–1).
SimBox BoxInInput(const SimBox& box, const cv::Rect& picture, const InputFrame& frame);

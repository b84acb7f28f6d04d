#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

struct PictureSize {
  uint32_t width, height;
};

// The size of a picture of `width` x `height` pixels of the shape `pixelShape` (width : height of one pixel), scaled
// down to fit `largest`: aspect ratio kept, square pixels, no bars, both sides even, never scaled up.
inline PictureSize FitSize(uint32_t width, uint32_t height, double pixelShape, PictureSize largest) {
  // A flat pixel is made square by shortening the longer side: that scales nothing up.
  const double squareWidth = pixelShape < 1 ? width * pixelShape : width;
  const double squareHeight = pixelShape > 1 ? height / pixelShape : height;
  const double scale = std::min({1.0, largest.width / squareWidth, largest.height / squareHeight});
  const auto even = [](double side, uint32_t most) {
    const auto nearest = static_cast<uint32_t>(std::lround(side / 2)) * 2;
    return std::clamp<uint32_t>(nearest, 2, std::max<uint32_t>(2, most / 2 * 2));
  };
  return {even(squareWidth * scale, std::min(largest.width, width)),
          even(squareHeight * scale, std::min(largest.height, height))};
}

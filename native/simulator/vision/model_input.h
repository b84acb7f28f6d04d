#pragma once

#include <cstdint>
#include <opencv2/core/types.hpp>
#include <span>

// The size of the picture that an ONNX file says its network takes, as [1, 3, height, width]; an empty size when it
// takes any. OpenCV 4.6 reads it, but tells nobody. Throws std::exception with a text for files of another kind.
cv::Size ReadModelInput(std::span<const uint8_t> file);

#pragma once

#include <opencv2/core/mat.hpp>
#include <optional>
#include <vector>

#include "vision_plugin.h"

// The two families of models; they differ in what they take and in what they answer.
enum class YoloKind { kYolox, kYolov8 };

// By the shape of its output: [1, anchors, values] with values not decoded yet is YOLOX, [1, values, anchors] is
// YOLOv8; nullopt when it is neither. `input` is the size of the model's input in pixels.
std::optional<YoloKind> KindOfOutput(const std::vector<int>& shape, cv::Size input);

// What a model's output (float32, of the shape of its kind) holds, in pixels of the input: each anchor whose best class
// reaches `leastScore`. Boxes that a broken model left infinite are no boxes.
std::vector<SimBox> BoxesInOutput(YoloKind kind, const cv::Mat& output, cv::Size input, float leastScore);

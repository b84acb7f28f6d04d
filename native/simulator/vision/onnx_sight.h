#pragma once

#include <memory>
#include <opencv2/dnn.hpp>
#include <string>

#include "sight.h"
#include "yolo_output.h"

// A YOLOX or YOLOv8 network in OpenCV's dnn, on the CPU.
class OnnxSight final : public Sight {
 public:
  // Reads the file and tries the network once. Throws std::exception with one line of text when it is none we can use.
  static std::unique_ptr<Sight> Open(const std::string& file);

  OnnxSight(cv::dnn::Net net, cv::Size input, YoloKind kind) : net_(std::move(net)), input_(input), kind_(kind) {}

  std::vector<SimBox> Look(const InputFrame& frame) override;

 private:
  cv::dnn::Net net_;
  cv::Size input_;
  YoloKind kind_;
};

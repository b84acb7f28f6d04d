#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "detector.h"

// What a simulated HEF holds behind its header, as native/simulated-hef.ts describes it. Immutable once parsed.
struct NmsOutput {
  uint32_t classes;
  uint32_t maxPerClass;
  bool onCpu;  // thresholds can be set
};

struct TensorOutput {
  uint32_t height, width, features;
  bool wide;  // UINT16 instead of UINT8
  float zeroPoint, scale;

  size_t values() const { return size_t{height} * width * features; }
};

struct NetworkOutput {
  std::string name;
  std::optional<NmsOutput> nms;
  TensorOutput tensor;  // where nms is empty
};

struct Network {
  std::string name;
  std::string inputName;
  uint32_t inputWidth, inputHeight;
  std::vector<NetworkOutput> outputs;
  std::map<uint32_t, double> fps;  // by batch size; empty: takes no time of its own
  Detector detector;

  size_t inputBytes() const { return size_t{inputWidth} * inputHeight * 3; }
  // How long the chip works on `frames` at once: linear between the batch sizes of `fps`, flat outside.
  double BatchSeconds(uint32_t frames) const;
};

// Throws std::exception with a text that says what is wrong.
Network ParseNetwork(const nlohmann::json& json);

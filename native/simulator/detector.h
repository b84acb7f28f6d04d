#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "vision_plugin.h"

// Who sees for a network: SimulatedDetector of native/simulated-hef.ts. Immutable once parsed.
struct Detector {
  enum class Kind { kHog, kOnnx, kScript, kEcho };

  Kind kind = Kind::kEcho;
  std::string file;                         // onnx
  std::vector<std::vector<SimBox>> frames;  // script

  bool needsEyes() const { return kind == Kind::kHog || kind == Kind::kOnnx; }
};

// Throws std::exception with a text that says what is wrong.
Detector ParseDetector(const nlohmann::json& json);

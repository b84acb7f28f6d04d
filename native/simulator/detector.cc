#include "detector.h"

#include <nlohmann/json.hpp>
#include <stdexcept>

namespace {

SimBox ParseBox(const nlohmann::json& json) {
  if (!json.is_array() || json.size() != 6) throw std::invalid_argument("a scripted box has six numbers");
  return {json[0].get<float>(), json[1].get<float>(), json[2].get<float>(),
          json[3].get<float>(), json[4].get<float>(), json[5].get<uint32_t>()};
}

std::vector<std::vector<SimBox>> ParseFrames(const nlohmann::json& json) {
  if (!json.is_array()) throw std::invalid_argument("\"frames\" of a script is a list of lists of boxes");
  std::vector<std::vector<SimBox>> frames;
  for (const auto& boxes : json) {
    if (!boxes.is_array()) throw std::invalid_argument("a scripted frame is a list of boxes");
    auto& frame = frames.emplace_back();
    for (const auto& box : boxes) frame.push_back(ParseBox(box));
  }
  return frames;
}

}  // namespace

Detector ParseDetector(const nlohmann::json& json) {
  const auto kind = json.at("kind").get<std::string>();
  Detector detector;
  if (kind == "hog") {
    detector.kind = Detector::Kind::kHog;
  } else if (kind == "onnx") {
    detector.kind = Detector::Kind::kOnnx;
    detector.file = json.at("file").get<std::string>();
  } else if (kind == "script") {
    detector.kind = Detector::Kind::kScript;
    detector.frames = ParseFrames(json.at("frames"));
  } else if (kind == "echo") {
    detector.kind = Detector::Kind::kEcho;
  } else {
    throw std::invalid_argument("no detector is called \"" + kind + "\"");
  }
  return detector;
}

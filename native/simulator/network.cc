#include "network.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "../hailort/abi.h"

namespace {

// A size that no real network has is a mistake in the file, not a wish for memory.
constexpr uint32_t kMostPixels = 8192;
constexpr uint32_t kMostBoxes = 10'000;
constexpr size_t kMostValues = 64'000'000;

uint32_t Whole(const nlohmann::json& json, const char* key, uint32_t most) {
  const auto value = json.at(key).get<int64_t>();
  if (value < 1 || value > most) {
    throw std::invalid_argument(std::string("\"") + key + "\" is not between 1 and " + std::to_string(most));
  }
  return static_cast<uint32_t>(value);
}

std::string Name(const nlohmann::json& json) {
  auto name = json.at("name").get<std::string>();
  if (name.empty() || name.size() >= hailort::kMaxNameBytes) throw std::invalid_argument("a name has 1 to 127 bytes");
  return name;
}

TensorOutput ParseTensor(const nlohmann::json& json) {
  const auto& shape = json.at("shape");
  const auto& quant = json.at("quant");
  const auto type = json.at("type").get<std::string>();
  if (type != "uint8" && type != "uint16") throw std::invalid_argument("\"type\" of an output is uint8 or uint16");
  const TensorOutput tensor{Whole(shape, "height", kMostPixels),   Whole(shape, "width", kMostPixels),
                            Whole(shape, "features", kMostPixels), type == "uint16",
                            quant.at("zeroPoint").get<float>(),    quant.at("scale").get<float>()};
  if (tensor.values() > kMostValues) throw std::invalid_argument("an output has too many values");
  return tensor;
}

NetworkOutput ParseOutput(const nlohmann::json& json) {
  NetworkOutput output{Name(json), std::nullopt, {}};
  if (json.contains("nms")) {
    const auto& nms = json["nms"];
    output.nms = {Whole(nms, "classes", kMostBoxes), Whole(nms, "maxPerClass", kMostBoxes),
                  nms.at("onCpu").get<bool>()};
  } else {
    output.tensor = ParseTensor(json);
  }
  return output;
}

std::map<uint32_t, double> ParseFps(const nlohmann::json& json) {
  std::map<uint32_t, double> fps;
  if (json.is_null()) return fps;
  for (const auto& [batch, rate] : json.items()) {
    const double value = rate.get<double>();
    const int size = std::stoi(batch);
    if (size < 1 || !(value > 0) || !std::isfinite(value))
      throw std::invalid_argument("\"fps\" has a rate that is none");
    fps.emplace(size, value);
  }
  return fps;
}

}  // namespace

double Network::BatchSeconds(uint32_t frames) const {
  if (fps.empty()) return 0;
  const auto above = fps.lower_bound(frames);
  if (above == fps.end()) return frames / fps.rbegin()->second;
  if (above == fps.begin() || above->first == frames) return frames / above->second;
  const auto below = std::prev(above);
  const double share = static_cast<double>(frames - below->first) / (above->first - below->first);
  return frames / (below->second + share * (above->second - below->second));
}

Network ParseNetwork(const nlohmann::json& json) {
  Network network;
  network.name = Name(json);
  const auto& input = json.at("input");
  network.inputName = Name(input);
  network.inputWidth = Whole(input, "width", kMostPixels);
  network.inputHeight = Whole(input, "height", kMostPixels);
  for (const auto& output : json.at("outputs")) network.outputs.push_back(ParseOutput(output));
  if (network.outputs.empty()) throw std::invalid_argument("a network has an output");
  network.fps = ParseFps(json.at("fps"));
  network.detector = ParseDetector(json.at("detector"));
  return network;
}

#include "fault.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace {

FaultKind ParseKind(const std::string& name) {
  // Nothing that is destroyed at exit: a chip's thread may read the control file even then.
  static constexpr std::array<std::pair<std::string_view, FaultKind>, 9> kKinds{{
      {"timeout", FaultKind::kTimeout},
      {"stall", FaultKind::kStall},
      {"lost", FaultKind::kLost},
      {"version-mismatch", FaultKind::kVersionMismatch},
      {"wrong-arch", FaultKind::kWrongArch},
      {"busy", FaultKind::kBusy},
      {"slow", FaultKind::kSlow},
      {"temperature-ramp", FaultKind::kTemperatureRamp},
      {"corrupt", FaultKind::kCorrupt},
  }};
  const auto found = std::find_if(kKinds.begin(), kKinds.end(), [&](const auto& kind) { return kind.first == name; });
  if (found == kKinds.end()) throw std::invalid_argument("no fault is called \"" + name + "\"");
  return found->second;
}

double Positive(const nlohmann::json& json, const char* key, double otherwise) {
  const double value = json.value(key, otherwise);
  if (!(value > 0) || !std::isfinite(value)) throw std::invalid_argument(std::string("\"") + key + "\" is not above 0");
  return value;
}

}  // namespace

double Fault::ageSeconds() const {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9 - sinceUnixSeconds;
}

Orders ParseOrders(const nlohmann::json& json) {
  Orders orders;
  if (json.contains("detector")) orders.detector = std::make_shared<Detector>(ParseDetector(json["detector"]));
  if (!json.contains("fault")) return orders;
  Fault fault;
  fault.kind = ParseKind(json["fault"].get<std::string>());
  fault.device = json.value("device", "");
  if (json.contains("seconds")) fault.seconds = Positive(json, "seconds", 1);
  fault.times = json.value("times", uint32_t{1});
  fault.always = json.value("always", false);
  fault.factor = Positive(json, "factor", 1);
  fault.degreesPerSecond = Positive(json, "degreesPerSecond", 1);
  orders.fault = fault;
  return orders;
}

#include "settings.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace {

hailort::Architecture ParseChip(const std::string& chip) {
  if (chip == "hailo8") return hailort::Architecture::kHailo8;
  if (chip == "hailo8l") return hailort::Architecture::kHailo8L;
  throw std::invalid_argument("\"chip\" is hailo8 or hailo8l");
}

std::vector<DeviceFacts> ParseDevices(const nlohmann::json& json) {
  if (!json.is_array() || json.size() > 4) throw std::invalid_argument("\"devices\" is a list of at most 4");
  std::vector<DeviceFacts> devices;
  for (const auto& device : json) {
    const auto id = device.at("id").get<std::string>();
    // It becomes part of a file name.
    const bool plain = std::all_of(id.begin(), id.end(), [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == ':' || c == '.' ||
             c == '-';
    });
    if (!plain || id.empty() || id.size() >= sizeof(hailort::DeviceId)) {
      throw std::invalid_argument("\"id\" of a device is like 0000:01:00.0");
    }
    const bool twice = std::any_of(devices.begin(), devices.end(), [&](const auto& other) { return other.id == id; });
    if (twice) throw std::invalid_argument("two devices have the same \"id\"");
    devices.push_back({id, ParseChip(device.value("chip", "hailo8l"))});
  }
  return devices;
}

hailort::Version ParseVersion(const std::string& text) {
  hailort::Version version{};
  int end = 0;
  const int read = std::sscanf(text.c_str(), "%u.%u.%u%n", &version.major, &version.minor, &version.revision, &end);
  if (read != 3 || static_cast<size_t>(end) != text.size()) {
    throw std::invalid_argument("\"version\" is like 4.23.0");
  }
  return version;
}

// Payload of one PCIe lane; what a Raspberry Pi 5 has.
double ParseLink(const std::string& pcie) {
  if (pcie == "none") return 0;
  if (pcie == "gen2x1") return 500e6;
  if (pcie == "gen3x1") return 985e6;
  throw std::invalid_argument("\"pcie\" is gen2x1, gen3x1 or none");
}

}  // namespace

Settings ParseSettings(const nlohmann::json& json) {
  Settings settings;
  if (json.contains("devices")) settings.devices = ParseDevices(json["devices"]);
  if (json.contains("version")) settings.version = ParseVersion(json["version"].get<std::string>());
  if (json.contains("pcie")) settings.linkBytesPerSecond = ParseLink(json["pcie"].get<std::string>());
  return settings;
}

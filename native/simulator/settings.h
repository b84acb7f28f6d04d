#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "../hailort/abi.h"

// A device that is there, as the control file names it.
struct DeviceFacts {
  std::string id;
  hailort::Architecture chip;
};

// What is read once, when the library is first used in a process.
struct Settings {
  std::vector<DeviceFacts> devices{{"0000:01:00.0", hailort::Architecture::kHailo8L}};
  hailort::Version version{4, 23, 0};
  double linkBytesPerSecond = 0;  // 0: no limit

  // 4.20: another nms_shape, a shorter extended_device_information, fewer statuses for HEFs.
  bool old() const { return version.major == 4 && version.minor < 21; }
};

// Takes "devices", "version" and "pcie" from the control file's object. Throws std::exception.
Settings ParseSettings(const nlohmann::json& json);

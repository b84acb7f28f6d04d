#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "detector.h"

enum class FaultKind {
  kTimeout,
  kStall,
  kLost,
  kVersionMismatch,
  kWrongArch,
  kBusy,
  kSlow,
  kTemperatureRamp,
  kCorrupt
};

struct Fault {
  FaultKind kind;
  std::string device;             // empty: every device
  std::optional<double> seconds;  // after `sinceUnixSeconds` it is over; empty: lasts
  double sinceUnixSeconds = 0;    // when the control file was written
  uint32_t times = 1;             // timeout: batches without an answer in time
  bool always = false;            // timeout: every batch
  double factor = 1;              // slow
  double degreesPerSecond = 1;    // temperature-ramp
  std::string content;            // tells this content of the control file from any other

  double ageSeconds() const;  // since the control file was written
  bool Lasts() const { return !seconds || ageSeconds() < *seconds; }
};

// What the control file says now. Immutable.
struct Orders {
  std::optional<Fault> fault;
  std::shared_ptr<const Detector> detector;  // instead of the HEF's, for all networks
};

// Takes "detector", "fault" and what belongs to it. Throws std::exception.
Orders ParseOrders(const nlohmann::json& json);

#pragma once

#include <cmath>

#include "clock.h"

// How warm a chip is: 45 °C at rest, 12 degrees more when it has been busy for a while. Owner: the chip.
class Heat {
 public:
  static constexpr float kRestCelsius = 45;

  void Worked(Time from, Time to) {
    const Seconds span = to - last_;
    if (span.count() <= 0) return;
    const double kept = std::exp(-span.count() / kSettleSeconds);
    load_ = load_ * kept + (1 - kept) * std::min(1.0, Seconds(to - from) / span);
    last_ = to;
  }

  float Celsius(Time now) const {
    const double idle = std::max(0.0, Seconds(now - last_).count());
    return kRestCelsius + static_cast<float>(kLoadCelsius * load_ * std::exp(-idle / kSettleSeconds));
  }

 private:
  static constexpr double kSettleSeconds = 10;
  static constexpr double kLoadCelsius = 12;

  double load_ = 0;
  Time last_{};
};

#pragma once

#include <algorithm>

#include "clock.h"

// The PCIe link of a device: one transfer after another, shared by all its network groups. Owner: the chip.
class Link {
 public:
  // 0: takes no time.
  explicit Link(double bytesPerSecond) : bytesPerSecond_(bytesPerSecond) {}

  // When `bytes` that may start at `from` are across.
  Time Transfer(Time from, size_t bytes) {
    if (bytesPerSecond_ == 0) return from;
    freeAt_ = std::max(freeAt_, from) + ToDuration(static_cast<double>(bytes) / bytesPerSecond_);
    return freeAt_;
  }

 private:
  const double bytesPerSecond_;
  Time freeAt_{};
};

#pragma once

#include <cstddef>
#include <cstdint>

namespace hailort {

// How long at least one frame was on the chip. One thread at a time.
class BusyTime {
 public:
  void Begin(uint64_t nowNs) {
    if (inFlight_++ == 0) sinceNs_ = nowNs;
  }
  void End(uint64_t nowNs) {
    if (--inFlight_ == 0) sumNs_ += nowNs - sinceNs_;
  }

  size_t inFlight() const { return inFlight_; }
  uint64_t SumNs(uint64_t nowNs) const { return sumNs_ + (inFlight_ > 0 ? nowNs - sinceNs_ : 0); }

 private:
  size_t inFlight_ = 0;
  uint64_t sinceNs_ = 0;
  uint64_t sumNs_ = 0;
};

}  // namespace hailort

#pragma once

#include <cstdint>

// Lets at most so many frames a second pass, by their time stamps: on average exactly, whatever the jitter, and never a
// frame that was not there. Streaming thread only.
class FrameRateLimit {
 public:
  // 0 = no limit.
  void SetFps(uint32_t fps) { intervalNs_ = fps == 0 ? 0 : 1'000'000'000 / static_cast<int64_t>(fps); }
  // After a seek time starts anew.
  void Restart() { dueNs_ = kNever; }

  bool Passes(int64_t ptsNs) {
    if (intervalNs_ == 0) return true;
    // Time that ran backwards, or a gap: begin anew rather than catch up.
    if (dueNs_ == kNever || ptsNs < dueNs_ - 2 * intervalNs_ || ptsNs > dueNs_ + intervalNs_) {
      dueNs_ = ptsNs + intervalNs_;
      return true;
    }
    // Half an interval early is jitter.
    if (ptsNs < dueNs_ - intervalNs_ / 2) return false;
    dueNs_ += intervalNs_;
    return true;
  }

 private:
  static constexpr int64_t kNever = INT64_MIN;

  int64_t intervalNs_ = 0;
  int64_t dueNs_ = kNever;
};

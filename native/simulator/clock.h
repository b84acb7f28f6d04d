#pragma once

#include <chrono>

// The simulator's time is the machine's monotonic time.
using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;
using Seconds = std::chrono::duration<double>;

inline Clock::duration ToDuration(double seconds) {
  return std::chrono::duration_cast<Clock::duration>(Seconds(seconds));
}

// `timeoutMs` as HailoRT takes it: the largest number means for ever.
inline Time DeadlineAfter(Time now, uint32_t timeoutMs) {
  if (timeoutMs == UINT32_MAX) return now + std::chrono::hours(24 * 365);
  return now + std::chrono::milliseconds(timeoutMs);
}

#pragma once

#include <condition_variable>
#include <mutex>

#include "../hailort/abi.h"
#include "clock.h"

// What a chip's thread and all calls into its network groups share. Owner: the chip.
struct Monitor {
  std::mutex mutex;  // guards every queue of the chip's groups
  std::condition_variable chip;
  bool idle = false;  // the chip's thread waits for work: only then it must be woken

  void WakeIfIdle() {
    if (idle) chip.notify_one();
  }
};

// What the vstreams of one group share with it. Owner: the group. Guarded by the monitor.
struct Lane {
  Monitor& monitor;
  // Why no call goes on: kStreamAbort after shutdown, kDriverOperationFailed when the device is lost.
  hailort::Status ended = hailort::Status::kSuccess;

  // Eyes are at work on a frame of this group.
  bool looking = false;

  bool over() const { return ended != hailort::Status::kSuccess; }

  // False: `ready` did not come true within the timeout. What eyes take does not count: a busy CPU is slow to look,
  // which is no chip that hangs.
  template <typename Ready>
  bool Wait(std::unique_lock<std::mutex>& lock, std::condition_variable& changed, uint32_t timeoutMs,
            Ready ready) const {
    do {
      if (changed.wait_until(lock, DeadlineAfter(Clock::now(), timeoutMs), ready)) return true;
    } while (looking);
    return false;
  }
};

#pragma once

#include <condition_variable>
#include <mutex>

#include "../hailort/abi.h"

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

  bool over() const { return ended != hailort::Status::kSuccess; }
};

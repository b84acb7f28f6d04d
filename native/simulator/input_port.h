#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "clock.h"
#include "lane.h"

// The input vstream of a group: frames that wait for the chip, at most `queueSize`. Owners: the handle and the group.
class InputPort {
 public:
  struct Frame {
    std::vector<uint8_t> bytes;
    Time arrived;
  };

  InputPort(Lane& lane, size_t frameBytes, const hailort::VstreamParams& params);

  size_t frameBytes() const { return frameBytes_; }

  // Copies the frame; waits while the queue is full. One thread.
  hailort::Status Write(const uint8_t* data, size_t size);

  // For the chip, under the monitor's mutex.
  size_t waiting() const { return frames_.size(); }
  bool Holds(size_t count) const { return frames_.size() >= count; }
  Time ArrivalOf(size_t index) const { return frames_[index].arrived; }
  // Appends to `taken` at most `most` frames that had arrived at `time`, oldest first.
  void Take(Time time, size_t most, std::vector<Frame>& taken);
  void Recycle(std::vector<Frame>& taken);
  // The group is over: whoever waits looks again.
  void End();

  const size_t queueSize;

 private:
  std::vector<uint8_t> SpareBuffer();

  Lane& lane_;
  const size_t frameBytes_;
  const uint32_t timeoutMs_;
  std::condition_variable room_;
  std::deque<Frame> frames_;
  size_t copying_ = 0;  // places in the queue whose frame is being copied
  std::vector<std::vector<uint8_t>> spare_;
};

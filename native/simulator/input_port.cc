#include "input_port.h"

#include <cstring>

using hailort::Status;

InputPort::InputPort(Lane& lane, size_t frameBytes, const hailort::VstreamParams& params)
    : queueSize(params.queue_size), lane_(lane), frameBytes_(frameBytes), timeoutMs_(params.timeout_ms) {}

Status InputPort::Write(const uint8_t* data, size_t size) {
  if (size != frameBytes_) return Status::kInvalidArgument;
  std::unique_lock lock(lane_.monitor.mutex);
  const auto canGoOn = [&] { return lane_.over() || frames_.size() + copying_ < queueSize; };
  if (!lane_.Wait(lock, room_, timeoutMs_, canGoOn)) return Status::kTimeout;
  if (lane_.over()) return lane_.ended;
  auto buffer = SpareBuffer();
  copying_++;
  lock.unlock();
  // The one copy, without the lock: the chip and the readers go on meanwhile.
  buffer.resize(frameBytes_);
  std::memcpy(buffer.data(), data, size);
  lock.lock();
  copying_--;
  if (lane_.over()) return lane_.ended;
  frames_.push_back({std::move(buffer), Clock::now()});
  lane_.monitor.WakeIfIdle();
  return Status::kSuccess;
}

void InputPort::Take(Time time, size_t most, std::vector<Frame>& taken) {
  for (size_t i = 0; i < most && !frames_.empty() && frames_.front().arrived <= time; i++) {
    taken.push_back(std::move(frames_.front()));
    frames_.pop_front();
  }
  room_.notify_all();
}

void InputPort::Recycle(std::vector<Frame>& taken) {
  for (auto& frame : taken) spare_.push_back(std::move(frame.bytes));
  taken.clear();
}

void InputPort::End() {
  frames_.clear();
  room_.notify_all();
}

std::vector<uint8_t> InputPort::SpareBuffer() {
  if (spare_.empty()) return {};
  auto buffer = std::move(spare_.back());
  spare_.pop_back();
  return buffer;
}

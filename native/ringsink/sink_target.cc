#include "sink_target.h"

SinkDesk& SinkDesk::OfThisProcess() {
  static SinkDesk desk;
  return desk;
}

void SinkDesk::SetTarget(std::shared_ptr<const SinkTarget> target) {
  const std::lock_guard guard(mutex_);
  target_ = std::move(target);
}

std::shared_ptr<const SinkTarget> SinkDesk::target() const {
  const std::lock_guard guard(mutex_);
  return target_;
}

void SinkDesk::SawCaps(uint32_t width, uint32_t height, int32_t fpsNumerator, int32_t fpsDenominator) {
  const std::lock_guard guard(mutex_);
  seen_.width = width;
  seen_.height = height;
  seen_.fpsNumerator = fpsNumerator;
  seen_.fpsDenominator = fpsDenominator;
}

void SinkDesk::SawFrame(int64_t ptsNs) {
  const std::lock_guard guard(mutex_);
  ++seen_.frames;
  if (seen_.firstPtsNs < 0) seen_.firstPtsNs = ptsNs;
  seen_.lastPtsNs = ptsNs;
}

SinkSeen SinkDesk::seen() const {
  const std::lock_guard guard(mutex_);
  return seen_;
}

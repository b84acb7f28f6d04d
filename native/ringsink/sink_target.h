#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

#include "core/doorbell_file.h"
#include "core/mapping.h"
#include "mask.h"

// What a `hcringsink` writes to. Immutable once made; shared by JavaScript's thread and the element's.
struct SinkTarget {
  std::shared_ptr<RingMapping> ring;
  std::shared_ptr<DoorbellFile> doorbells;
  std::vector<Polygon> masks;
};

// What the sinks of this process have seen: for probing and for benches.
struct SinkSeen {
  uint64_t frames = 0;
  uint32_t width = 0, height = 0;
  int32_t fpsNumerator = 0, fpsDenominator = 1;
  int64_t firstPtsNs = -1, lastPtsNs = -1;
};

// The meeting point of JavaScript, which knows the ring, and the elements, which GStreamer makes: one per process, as
// the registry of elements is. Any thread.
class SinkDesk {
 public:
  static SinkDesk& OfThisProcess();

  void SetTarget(std::shared_ptr<const SinkTarget> target);
  std::shared_ptr<const SinkTarget> target() const;

  void SawCaps(uint32_t width, uint32_t height, int32_t fpsNumerator, int32_t fpsDenominator);
  void SawFrame(int64_t ptsNs);
  SinkSeen seen() const;

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const SinkTarget> target_;
  SinkSeen seen_;
};

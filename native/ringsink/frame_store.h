#pragma once

#include <gst/video/video.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/slot_writer.h"
#include "packed_copy.h"
#include "sink_target.h"

// What `hcringsink` does, without GObject: takes frames of one format after the other into the ring of its target.
// Without a target frames are counted and dropped. Cancel and Resume may come on any thread; the rest belongs to the
// streaming thread, or to the one that changes the state while nothing streams.
class FrameStore {
 public:
  enum class Taken { kYes, kCancelled, kUnreadable };

  // Attaches to the ring as its writer; detaches when it is destroyed.
  explicit FrameStore(std::shared_ptr<const SinkTarget> target);

  // I420 or RGB, as the ring wants it; nullopt: either.
  std::optional<GstVideoFormat> format() const;
  // Why frames of this format cannot be taken, or nullopt when it is set.
  std::optional<std::string> SetFormat(const GstVideoInfo& info);
  // Throws NativeError of the ring.
  Taken Take(GstBuffer* buffer, int64_t ptsNs);
  // Writes the end-of-stream slot. Throws NativeError of the ring.
  Taken End();
  // The next frame does not follow the last: a loop's seam, a seek.
  void MarkDiscontinuity() { discontinuity_.store(true); }

  void Cancel();
  void Resume();

 private:
  uint32_t TakeFlags() const { return discontinuity_.load() ? kFlagDiscontinuity : 0; }

  const std::shared_ptr<const SinkTarget> target_;
  std::unique_ptr<SlotWriter> writer_;
  GstVideoInfo info_;
  std::optional<PackedCopy> copy_;
  std::atomic<bool> discontinuity_{false};
};

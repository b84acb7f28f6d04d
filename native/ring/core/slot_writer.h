#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "doorbell_file.h"
#include "mapping.h"

struct FrameDescription {
  uint32_t width, height;
  uint32_t bytes;  // tightly packed; 0 only at the end of a stream
  uint32_t flags;
  int64_t ptsNs;  // -1 = unknown
};

// The one writer of a ring. Attaching raises the generation, sets the pid and goes on at head + 1; a slot that a dead
// writer left half written keeps its odd lock until it is written again, so that no reader takes it.
// Write() belongs to one thread; Cancel(), Resume(), head() and waits() to any.
class SlotWriter {
 public:
  // `doorbells` may be null: then nobody is rung.
  SlotWriter(std::shared_ptr<RingMapping> ring, std::shared_ptr<DoorbellFile> doorbells);
  // Clears the pid, unless another writer has put its own there.
  ~SlotWriter();
  SlotWriter(const SlotWriter&) = delete;
  SlotWriter& operator=(const SlotWriter&) = delete;

  // Lets `fill` write exactly frame.bytes into the next slot, announces the frame and returns its sequence number.
  // `fill` is not called for a frame without bytes. A lossless ring makes it wait for room, at most `limit` (none:
  // until Cancel()). nullopt = cancelled, or no room within `limit`. Throws NativeError RING_FORMAT for a frame that
  // does not fit the ring.
  std::optional<uint64_t> Write(const FrameDescription& frame, const std::function<void(uint8_t* pixels)>& fill,
                                std::optional<std::chrono::milliseconds> limit = std::nullopt);

  // Ends a wait for room, and lets every further one end at once, until Resume().
  void Cancel();
  void Resume();

  uint64_t head() const;
  // Frames that had to wait for room.
  uint64_t waits() const { return waits_.load(std::memory_order_relaxed); }

 private:
  void CheckFrame(const FrameDescription& frame) const;
  bool WaitForRoom(std::optional<std::chrono::milliseconds> limit);
  bool HasRoom() const;

  const std::shared_ptr<RingMapping> ring_;
  const std::shared_ptr<DoorbellFile> doorbells_;
  uint32_t generation_;
  std::atomic<bool> cancelled_{false};
  std::atomic<uint64_t> waits_{0};
};

#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "layout.h"

struct RingGeometry {
  uint32_t slotCount, maxWidth, maxHeight;
  uint32_t format;  // FourCC
  bool lossless;
};

// Makes the file (O_EXCL, 0600), reserves all of it and writes the header. A file that could not be made whole is
// removed. Throws NativeError RING_EXISTS, RING_NO_SPACE, RING_FORMAT (impossible geometry), RING_IO. Any thread.
void CreateRing(const std::string& path, const RingGeometry& geometry);

// Bytes of a ring file of this geometry.
uint64_t RingFileBytes(const RingGeometry& geometry);

// One mapped ring file. Owner: everyone who holds the shared_ptr; the last one unmaps. Immutable, so any thread may use
// it; the memory behind it belongs to several processes and is taken through Shared() (layout.h).
class RingMapping {
  struct OnlyOpen {
    explicit OnlyOpen() = default;
  };

 public:
  // Checks the whole header against the file before it is trusted. Throws NativeError RING_MISSING, RING_FORMAT,
  // RING_IO.
  static std::shared_ptr<RingMapping> Open(const std::string& path);

  // Only Open can name its first argument.
  RingMapping(OnlyOpen, uint8_t* memory, const RingHeader& checked, uint64_t sizeBytes);
  ~RingMapping();
  RingMapping(const RingMapping&) = delete;
  RingMapping& operator=(const RingMapping&) = delete;

  // As checked when the file was opened: later changes of the header by others cannot move a pointer.
  const RingGeometry& geometry() const { return geometry_; }
  uint32_t maxFrameBytes() const { return maxFrameBytes_; }
  uint64_t sizeBytes() const { return sizeBytes_; }

  RingHeader& header() const { return *reinterpret_cast<RingHeader*>(memory_); }
  // The slot in which frame `seq` (from 1) lies, and its pixels (maxFrameBytes of them).
  SlotHeader& slot(uint64_t seq) const { return *reinterpret_cast<SlotHeader*>(SlotAddress(seq)); }
  uint8_t* pixels(uint64_t seq) const { return SlotAddress(seq) + kPixelsOffset; }

 private:
  uint8_t* SlotAddress(uint64_t seq) const {
    return memory_ + kSlotsOffset + (seq - 1) % geometry_.slotCount * slotStride_;
  }

  uint8_t* const memory_;
  const uint64_t sizeBytes_;
  const uint64_t slotStride_;
  const uint32_t maxFrameBytes_;
  const RingGeometry geometry_;
};

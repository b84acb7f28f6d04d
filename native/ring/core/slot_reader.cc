#include "slot_reader.h"

#include <algorithm>
#include <atomic>

namespace {

// The second half of a seqlock read: nothing read before this line may be read after it (on ARM it would be).
bool StillLocked(uint64_t& lock, uint64_t before) {
  std::atomic_thread_fence(std::memory_order_acquire);
  return Shared(lock).load(std::memory_order_relaxed) == before;
}

template <typename Word>
Word Relaxed(Word& word) {
  return Shared(word).load(std::memory_order_relaxed);
}

FrameInfo CopyInfo(SlotHeader& slot) {
  return {Relaxed(slot.seq),   Relaxed(slot.ptsNs),  Relaxed(slot.arrivedNs),
          Relaxed(slot.width), Relaxed(slot.height), Relaxed(slot.format),
          Relaxed(slot.bytes), Relaxed(slot.flags),  Relaxed(slot.generation)};
}

// A writer of another program may be wrong: no reader may be led outside the slot.
bool Fits(const FrameInfo& info, const RingMapping& ring) {
  const RingGeometry& geometry = ring.geometry();
  if (info.bytes == 0) return (info.flags & kFlagEndOfStream) != 0;
  return info.format == geometry.format && info.bytes <= ring.maxFrameBytes() &&
         SidesAreValid(info.width, info.height, geometry.maxWidth, geometry.maxHeight) &&
         info.bytes == FrameBytes(info.format, info.width, info.height);
}

}  // namespace

std::optional<FrameInfo> ReadSlot(const RingMapping& ring, uint64_t seq,
                                  const std::function<void(const FrameInfo&, const uint8_t* pixels)>& use) {
  // A writer killed after it closed the lock and before it moved head leaves a frame that was never announced.
  if (seq == 0 || seq > Shared(ring.header().head).load(std::memory_order_acquire)) return std::nullopt;
  SlotHeader& slot = ring.slot(seq);
  const uint64_t lock = Shared(slot.lock).load(std::memory_order_acquire);
  if (lock % 2 != 0) return std::nullopt;
  const FrameInfo info = CopyInfo(slot);
  // Rechecked once before `use`, so that it never works with sizes torn out of two frames.
  if (info.seq != seq || !StillLocked(slot.lock, lock) || !Fits(info, ring)) return std::nullopt;
  use(info, ring.pixels(seq));
  if (!StillLocked(slot.lock, lock)) return std::nullopt;
  return info;
}

std::optional<ResultBlock> ReadResultBlock(const RingMapping& ring, uint64_t seq) {
  if (seq == 0) return std::nullopt;
  SlotHeader& slot = ring.slot(seq);
  const uint64_t lock = Shared(slot.resultLock).load(std::memory_order_acquire);
  if (lock % 2 != 0 || Relaxed(slot.resultSeq) != seq || Relaxed(slot.seq) != seq) return std::nullopt;
  ResultBlock block{Relaxed(slot.inferenceUs), Relaxed(slot.resultFlags), {}};
  const uint32_t count = std::min(Relaxed(slot.resultCount), kMaxDetections);
  block.detections.assign(slot.detections, slot.detections + count);
  if (!StillLocked(slot.resultLock, lock)) return std::nullopt;
  return block;
}

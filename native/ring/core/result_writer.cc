#include "result_writer.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <numeric>
#include <utility>
#include <vector>

#include "futex.h"

namespace {

void KeepBestScores(std::vector<ResultDetection>& detections) {
  if (detections.size() <= kMaxDetections) return;
  std::vector<size_t> order(detections.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return detections[a].score > detections[b].score; });
  order.resize(kMaxDetections);
  std::sort(order.begin(), order.end());  // those that stay keep their order
  std::vector<ResultDetection> best;
  best.reserve(order.size());
  for (const size_t index : order) best.push_back(detections[index]);
  detections = std::move(best);
}

// The writer may be gone and back: only an even lock with this seq says that the frame still lies there.
bool HoldsFrame(SlotHeader& slot, uint64_t seq) {
  return Shared(slot.lock).load(std::memory_order_acquire) % 2 == 0 &&
         Shared(slot.seq).load(std::memory_order_acquire) == seq;
}

void MoveForward(uint64_t& word, uint64_t value) {
  const auto shared = Shared(word);
  uint64_t current = shared.load(std::memory_order_relaxed);
  while (current < value && !shared.compare_exchange_weak(current, value, std::memory_order_release)) {
  }
}

}  // namespace

bool WriteResultBlock(const RingMapping& ring, uint64_t seq, ResultBlock block) {
  RingHeader& header = ring.header();
  SlotHeader& slot = ring.slot(seq);
  const bool announced = seq != 0 && seq <= Shared(header.head).load(std::memory_order_acquire);
  if (!announced || !HoldsFrame(slot, seq)) {
    Shared(header.resultsLost).fetch_add(1, std::memory_order_relaxed);
    return false;
  }
  KeepBestScores(block.detections);

  const uint64_t before = Shared(slot.resultLock).load(std::memory_order_relaxed);
  const uint64_t writing = before + (before % 2 == 0 ? 1 : 2);
  Shared(slot.resultLock).store(writing, std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_release);
  Shared(slot.resultSeq).store(seq, std::memory_order_relaxed);
  Shared(slot.resultCount).store(static_cast<uint32_t>(block.detections.size()), std::memory_order_relaxed);
  Shared(slot.inferenceUs).store(block.inferenceUs, std::memory_order_relaxed);
  Shared(slot.resultFlags).store(block.flags, std::memory_order_relaxed);
  std::copy(block.detections.begin(), block.detections.end(), slot.detections);
  Shared(slot.resultLock).store(writing + 1, std::memory_order_release);

  // Overwritten while we wrote: the block names a frame that the slot no longer holds, so no reader takes it.
  if (!HoldsFrame(slot, seq)) {
    Shared(header.resultsLost).fetch_add(1, std::memory_order_relaxed);
    return false;
  }
  MoveForward(header.resultHead, seq);
  return true;
}

uint32_t TakeResults(const RingMapping& ring) {
  RingHeader& header = ring.header();
  Shared(header.resultOwnerPid).store(static_cast<uint32_t>(getpid()), std::memory_order_relaxed);
  return Shared(header.resultEpoch).fetch_add(1, std::memory_order_acq_rel) + 1;
}

void ReleaseFrames(const RingMapping& ring, uint64_t seq) {
  RingHeader& header = ring.header();
  MoveForward(header.released, std::min(seq, Shared(header.head).load(std::memory_order_acquire)));
  FutexAddAndWake(header.releasedWake);
}

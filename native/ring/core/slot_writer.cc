#include "slot_writer.h"

#include <unistd.h>

#include <algorithm>
#include <string>
#include <utility>

#include "futex.h"
#include "native_error.h"

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// A wake-up may be lost with the process that owed it: look again by ourselves, this often.
constexpr milliseconds kLongestSleep{200};

template <typename Word>
void Put(Word& word, Word value) {
  Shared(word).store(value, std::memory_order_relaxed);
}

}  // namespace

SlotWriter::SlotWriter(std::shared_ptr<RingMapping> ring, std::shared_ptr<DoorbellFile> doorbells)
    : ring_(std::move(ring)), doorbells_(std::move(doorbells)) {
  RingHeader& header = ring_->header();
  generation_ = Shared(header.generation).fetch_add(1, std::memory_order_acq_rel) + 1;
  Shared(header.writerPid).store(static_cast<uint32_t>(getpid()), std::memory_order_release);
}

SlotWriter::~SlotWriter() {
  auto mine = static_cast<uint32_t>(getpid());
  Shared(ring_->header().writerPid).compare_exchange_strong(mine, 0);
}

uint64_t SlotWriter::head() const { return Shared(ring_->header().head).load(std::memory_order_acquire); }

void SlotWriter::CheckFrame(const FrameDescription& frame) const {
  const RingGeometry& geometry = ring_->geometry();
  if (frame.bytes == 0 && (frame.flags & kFlagEndOfStream) != 0) return;
  if (!SidesAreValid(frame.width, frame.height, geometry.maxWidth, geometry.maxHeight) ||
      frame.bytes > ring_->maxFrameBytes() || frame.bytes != FrameBytes(geometry.format, frame.width, frame.height)) {
    throw NativeError("RING_FORMAT", "a frame of " + std::to_string(frame.width) + "x" + std::to_string(frame.height) +
                                         ", " + std::to_string(frame.bytes) + " bytes does not fit a ring of " +
                                         std::to_string(geometry.maxWidth) + "x" + std::to_string(geometry.maxHeight));
  }
}

std::optional<uint64_t> SlotWriter::Write(const FrameDescription& frame,
                                          const std::function<void(uint8_t* pixels)>& fill,
                                          std::optional<milliseconds> limit) {
  CheckFrame(frame);
  if (ring_->geometry().lossless && !WaitForRoom(limit)) return std::nullopt;
  RingHeader& header = ring_->header();
  const uint64_t seq = Shared(header.head).load(std::memory_order_relaxed) + 1;
  SlotHeader& slot = ring_->slot(seq);

  // Odd here already: a writer died inside this slot. +2 tells its readers apart from ours.
  const uint64_t before = Shared(slot.lock).load(std::memory_order_relaxed);
  const uint64_t writing = before + (before % 2 == 0 ? 1 : 2);
  Put(slot.lock, writing);
  std::atomic_thread_fence(std::memory_order_release);

  Put(slot.seq, seq);
  Put(slot.ptsNs, frame.ptsNs);
  Put(slot.arrivedNs, MonotonicNs());
  Put(slot.width, frame.width);
  Put(slot.height, frame.height);
  Put(slot.format, ring_->geometry().format);
  Put(slot.bytes, frame.bytes);
  Put(slot.flags, frame.flags);
  Put(slot.generation, generation_);
  if (frame.bytes > 0) fill(ring_->pixels(seq));

  Shared(slot.lock).store(writing + 1, std::memory_order_release);
  Put(header.headNs, MonotonicNs());
  Shared(header.head).store(seq, std::memory_order_release);
  if (doorbells_) {
    // head before the bell's index, on every CPU: whoever sets the bell and then looks at head misses no frame.
    std::atomic_thread_fence(std::memory_order_seq_cst);
    doorbells_->Ring(Shared(header.frameBell).load(std::memory_order_relaxed));
  }
  return seq;
}

bool SlotWriter::HasRoom() const {
  const RingHeader& header = ring_->header();
  return head() - Shared(const_cast<uint64_t&>(header.released)).load(std::memory_order_acquire) <
         ring_->geometry().slotCount;
}

bool SlotWriter::WaitForRoom(std::optional<milliseconds> limit) {
  if (cancelled_.load()) return false;
  if (HasRoom()) return true;
  waits_.fetch_add(1, std::memory_order_relaxed);
  const auto started = steady_clock::now();
  uint32_t& wake = ring_->header().releasedWake;
  while (true) {
    // The word first, then what it tells of: a release in between changes the word, and the sleep ends at once.
    const uint32_t seen = Shared(wake).load(std::memory_order_seq_cst);
    if (cancelled_.load()) return false;
    if (HasRoom()) return true;
    auto sleep = kLongestSleep;
    if (limit) {
      const auto left = *limit - std::chrono::duration_cast<milliseconds>(steady_clock::now() - started);
      if (left <= milliseconds::zero()) return false;
      sleep = std::min(sleep, left);
    }
    FutexWait(wake, seen, sleep);
  }
}

void SlotWriter::Cancel() {
  cancelled_.store(true);
  FutexAddAndWake(ring_->header().releasedWake);
}

void SlotWriter::Resume() { cancelled_.store(false); }

// ring_check: the native side of test/ring, as a process that starts in a millisecond and can be killed at any
// instruction.
//
//   ring_check write PATH            writes frames of the ring's full size without end; each 32-bit word is its seq
//
//   ring_check lossless PATH COUNT   writes COUNT such frames and the end of the stream, waiting for room
//
//   ring_check cancel PATH           ends a wait for room from another thread (PATH: a fresh lossless ring)
//
//   ring_check share PATH            readers go on while the opener lets the mapping go
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/result_writer.h"
#include "core/slot_reader.h"
#include "core/slot_writer.h"
#include "native_error.h"

namespace {

using std::chrono::milliseconds;

void Check(bool holds, const char* statement) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", statement);
  std::exit(1);
}

FrameDescription FullFrame(const RingMapping& ring) {
  return {ring.geometry().maxWidth, ring.geometry().maxHeight, ring.maxFrameBytes(), 0, -1};
}

std::optional<uint64_t> WriteSeq(SlotWriter& writer, const RingMapping& ring) {
  const auto word = static_cast<uint32_t>(writer.head() + 1);
  const uint32_t bytes = ring.maxFrameBytes();
  return writer.Write(FullFrame(ring), [&](uint8_t* pixels) {
    auto* words = reinterpret_cast<uint32_t*>(pixels);
    for (uint32_t index = 0; index < bytes / 4; ++index) words[index] = word;
  });
}

bool AllWordsAre(const FrameInfo& info, const uint8_t* pixels) {
  const auto* words = reinterpret_cast<const uint32_t*>(pixels);
  for (uint32_t index = 0; index < info.bytes / 4; ++index) {
    if (words[index] != static_cast<uint32_t>(info.seq)) return false;
  }
  return true;
}

void WriteWithoutEnd(const std::shared_ptr<RingMapping>& ring) {
  SlotWriter writer(ring, nullptr);
  std::printf("%llu\n", static_cast<unsigned long long>(*WriteSeq(writer, *ring)));
  std::fflush(stdout);
  while (true) WriteSeq(writer, *ring);
}

void WriteLossless(const std::shared_ptr<RingMapping>& ring, int count) {
  SlotWriter writer(ring, nullptr);
  for (int index = 0; index < count; ++index) Check(WriteSeq(writer, *ring).has_value(), "a frame finds room");
  writer.Write({0, 0, 0, kFlagEndOfStream, -1}, [](uint8_t*) {});
  std::printf("%llu\n", static_cast<unsigned long long>(writer.waits()));
}

void CancelFromAnotherThread(const std::shared_ptr<RingMapping>& ring) {
  SlotWriter writer(ring, nullptr);
  for (uint32_t index = 0; index < ring->geometry().slotCount; ++index) WriteSeq(writer, *ring);
  const uint64_t full = writer.head();
  std::thread other([&] {
    while (writer.waits() == 0) std::this_thread::sleep_for(milliseconds(1));
    writer.Cancel();
  });
  Check(!WriteSeq(writer, *ring), "a cancelled wait writes nothing");
  other.join();
  Check(!WriteSeq(writer, *ring), "nothing is written until Resume()");
  Check(writer.head() == full, "head stays");
  writer.Resume();
  ReleaseFrames(*ring, 1);
  Check(WriteSeq(writer, *ring) == full + 1, "after Resume() and a release the next frame follows");
  Check(!writer.Write(
            FullFrame(*ring), [](uint8_t*) {}, milliseconds(5)),
        "a wait ends at its limit");
}

void ShareWhileClosing(std::shared_ptr<RingMapping> ring) {
  std::atomic<bool> stop{false};
  std::atomic<int> torn{0};
  std::thread writing([&stop, ring] {
    SlotWriter writer(ring, nullptr);
    while (!stop) WriteSeq(writer, *ring);
  });
  std::vector<std::thread> reading;
  for (int reader = 0; reader < 2; ++reader) {
    reading.emplace_back([&stop, &torn, ring] {
      while (!stop) {
        const uint64_t head = Shared(ring->header().head).load(std::memory_order_acquire);
        // The oldest frame: the writer is just coming to it.
        const uint64_t seq = head - std::min<uint64_t>(head, ring->geometry().slotCount - 1);
        bool whole = true;
        const auto use = [&](const FrameInfo& info, const uint8_t* pixels) { whole = AllWordsAre(info, pixels); };
        if (ReadSlot(*ring, seq, use) && !whole) ++torn;
      }
    });
  }
  ring.reset();  // the threads' shares keep it mapped
  std::this_thread::sleep_for(milliseconds(200));
  stop = true;
  writing.join();
  for (auto& reader : reading) reader.join();
  Check(torn == 0, "no torn frame is accepted");
}

}  // namespace

int main(int count, char** arguments) {
  const std::vector<std::string> args(arguments + 1, arguments + count);
  try {
    Check(args.size() >= 2, "a mode and a path are given");
    auto ring = RingMapping::Open(args[1]);
    if (args[0] == "write") WriteWithoutEnd(ring);
    if (args[0] == "lossless") WriteLossless(ring, std::stoi(args.at(2)));
    if (args[0] == "cancel") CancelFromAnotherThread(ring);
    if (args[0] == "share") ShareWhileClosing(std::move(ring));
  } catch (const NativeError& failure) {
    std::fprintf(stderr, "%s [%s]\n", failure.what(), failure.code().c_str());
    return 1;
  }
  return 0;
}

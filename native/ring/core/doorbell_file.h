#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

// Makes `<runtime dir>/doorbells`: `count` words of 32 bits, one a waiter, all 0. Throws NativeError as CreateRing
// does.
void CreateDoorbells(const std::string& path, uint32_t count);

// The mapped doorbells. Owner: everyone who holds the shared_ptr; the last one unmaps. Any thread.
class DoorbellFile {
  struct OnlyOpen {
    explicit OnlyOpen() = default;
  };

 public:
  // Throws NativeError RING_MISSING, RING_FORMAT, RING_IO.
  static std::shared_ptr<DoorbellFile> Open(const std::string& path);

  // Only Open can name its first argument.
  DoorbellFile(OnlyOpen, uint32_t* words, uint32_t count);
  ~DoorbellFile();
  DoorbellFile(const DoorbellFile&) = delete;
  DoorbellFile& operator=(const DoorbellFile&) = delete;

  uint32_t count() const { return count_; }
  // Adds 1 to the word and wakes all who wait on it. An index beyond the file is ignored: it comes out of shared
  // memory.
  void Ring(uint32_t index);
  // The word to hand to Wait: read it first, then look at what it may have rung for. `index` < count().
  uint32_t Value(uint32_t index) const;
  // Sleeps while the word is `seen`, at most `limit`; may return early.
  void Wait(uint32_t index, uint32_t seen, std::chrono::milliseconds limit);

 private:
  uint32_t* const words_;
  const uint32_t count_;
};

#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "frame_encoder.h"

struct EncodeJob {
  uint64_t id;
  std::shared_ptr<RingMapping> ring;  // stays mapped until the job is done
  uint64_t seq;
  EncodeOptions options;
};

struct EncodeOutcome {
  uint64_t id;
  std::optional<EncodedFrame> frame;
  std::string failure;  // empty unless the compressor refused
};

// Threads of their own at the lowest priority, so that encoding gives way to detection, and a bounded queue before
// them. Submit, TakeFinished and Stop may be called from one thread (the JavaScript thread here).
class EncoderThreads {
 public:
  // `onFinished` is called on an encoder thread after each outcome.
  EncoderThreads(unsigned count, std::function<void()> onFinished);
  ~EncoderThreads() { Stop(); }
  EncoderThreads(const EncoderThreads&) = delete;
  EncoderThreads& operator=(const EncoderThreads&) = delete;

  // False when the queue is full: the frame is dropped.
  bool Submit(EncodeJob job);
  std::vector<EncodeOutcome> TakeFinished();
  // Waits for the frames being encoded (milliseconds), drops the rest. May be called twice.
  void Stop();

 private:
  void Run();
  std::optional<EncodeJob> NextJob();

  const std::function<void()> onFinished_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<EncodeJob> waiting_;        // guarded by mutex_
  std::vector<EncodeOutcome> finished_;  // guarded by mutex_
  bool stopping_ = false;                // guarded by mutex_
  std::vector<std::thread> threads_;
};

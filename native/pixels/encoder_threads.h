#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
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
  std::exception_ptr failure;  // null unless encoding failed
};

// Threads of their own at the lowest priority, so that encoding gives way to detection, and a bounded queue before
// them. All functions: one thread (the JavaScript thread here). None waits for an encoder thread, but the destructor.
class EncoderThreads {
 public:
  // `onFinished` is called on an encoder thread after each outcome, under a lock that every function here takes.
  // Throws std::system_error when a thread cannot be started.
  EncoderThreads(unsigned count, std::function<void()> onFinished);
  // Waits for the frames being encoded: milliseconds, but seconds when other processes want all of the cores.
  ~EncoderThreads();
  EncoderThreads(const EncoderThreads&) = delete;
  EncoderThreads& operator=(const EncoderThreads&) = delete;

  // False when the queue is full: the frame is dropped.
  bool Submit(EncodeJob job);
  std::list<EncodeOutcome> TakeFinished();
  // Drops what waits and lets the threads end when they come to it. `onFinished` is not called any more once this has
  // returned. May be called twice.
  void RequestStop();
  // Whether every thread has come to its end: then the destructor does not wait.
  bool ended();

 private:
  // One job on its way through the lists below, allocated by Submit: an encoder thread allocates nothing for itself.
  struct Work {
    EncodeJob job;
    EncodeOutcome outcome;
  };

  void Run();
  bool NextJob(std::list<Work>& taken);
  void Finish(std::list<Work>& done);
  void Join();

  const std::function<void()> onFinished_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::list<Work> waiting_;   // guarded by mutex_
  std::list<Work> finished_;  // guarded by mutex_
  bool stopping_ = false;     // guarded by mutex_
  unsigned running_ = 0;      // guarded by mutex_
  std::vector<std::thread> threads_;
};

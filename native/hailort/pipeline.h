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

#include "busy_time.h"
#include "configured_network.h"
#include "core/letterbox.h"
#include "inference_batch.h"
#include "native_error.h"
#include "nms.h"

namespace hailort {

// Sums since the start. Times in nanoseconds.
struct PipelineCounters {
  uint64_t frames = 0, busyNs = 0, letterboxNs = 0, writeNs = 0, decodeNs = 0, queueAgeNs = 0;
  size_t inFlight = 0;
};

// Batches through one network: a thread that letterboxes and writes, a thread an output that reads and decodes. Answers
// come in the order of the batches. The first failure ends it for good: nothing more is answered.
// The destructor waits for the threads, and so for the library: the reaper's thread only.
class Pipeline {
 public:
  // `onNews` is called on the threads of the pipeline, under a lock that every function here takes, when a batch is
  // answered or the pipeline has failed.
  Pipeline(std::unique_ptr<ConfiguredNetwork> network, NmsFilter filter, const NetworkOptions& options);
  ~Pipeline();
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  // Once. Throws NativeError NO_THREAD.
  void Start(std::function<void()> onNews);

  const ConfiguredNetwork& network() const { return *network_; }

  // False when too many frames wait already. Must not follow a failure.
  bool Submit(std::unique_ptr<InferenceBatch> batch);
  std::vector<std::unique_ptr<InferenceBatch>> TakeAnswered();
  std::optional<NativeError> failure();
  PipelineCounters counters();
  // A buffer for a frame of bytes, used before if there is one.
  std::vector<uint8_t> TakeBytes();

  // Picks up no further frame; `onNews` is not called any more once this has returned. Waits for nothing. May be
  // called twice.
  void Stop();

  static constexpr size_t kMostWaitingFrames = 64;

 private:
  void WriteFrames();
  void ReadFrames(size_t output);
  // The next frame to be written, once there is room on the chip; null: the end.
  InferenceFrame* NextToWrite();
  // The next frame of which this output's answer is to be read; null: the end.
  InferenceFrame* NextToRead(size_t output);
  // The network's input for this frame, valid until the next call; null: overwritten.
  const uint8_t* Prepare(InferenceFrame& frame);
  void Write(InferenceFrame& frame, const uint8_t* input);
  void Decode(InferenceFrame& frame, size_t output, const uint8_t* answer);
  void Answered(InferenceFrame& frame, bool overwritten);
  void Fail(const NativeError& failure);
  template <typename Work>
  void Guard(const char* name, Work work);

  std::unique_ptr<ConfiguredNetwork> network_;
  const NmsFilter filter_;
  const size_t mostInFlight_;
  std::function<void()> onNews_;

  // The writing thread's.
  BufferPool pool_{kLetterboxBuffers};
  std::vector<uint8_t> input_;
  // A reading thread's each. The library may write into them until the network is released.
  std::vector<std::vector<uint8_t>> answers_;

  std::mutex mutex_;
  std::condition_variable toWrite_;
  std::deque<std::condition_variable> toRead_;  // by output
  // All guarded by mutex_.
  std::deque<std::unique_ptr<InferenceBatch>> batches_;  // not yet answered, in order
  std::vector<std::unique_ptr<InferenceBatch>> answered_;
  std::deque<InferenceFrame*> waiting_;               // frames of batches_ not yet picked up
  std::vector<std::deque<InferenceFrame*>> written_;  // by output, not yet read
  std::vector<std::vector<uint8_t>> spareBytes_;
  std::optional<NativeError> failure_;
  bool stopping_ = false;
  PipelineCounters counters_;
  BusyTime busy_;

  std::vector<std::thread> threads_;
};

}  // namespace hailort

#include "encoder_threads.h"

#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <utility>

#include "native_error.h"

namespace {

constexpr size_t kMaxWaiting = 64;
constexpr int kLowestPriority = 19;

// Encodes in what detection leaves over: SCHED_IDLE yields to every other thread at once, where a nice one would hold
// up a detector that waits for all of its threads. On Linux both belong to a thread. When the kernel refuses, the
// pictures are made all the same.
void GiveWay() {
  pthread_setname_np(pthread_self(), "jpeg");
  setpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)), kLowestPriority);
  const sched_param none{};
  sched_setscheduler(0, SCHED_IDLE, &none);
}

EncodeOutcome Encode(FrameEncoder& encoder, const EncodeJob& job) {
  try {
    return {job.id, encoder.Encode(*job.ring, job.seq, job.options), ""};
  } catch (const NativeError& failure) {
    return {job.id, std::nullopt, failure.what()};
  }
}

}  // namespace

EncoderThreads::EncoderThreads(unsigned count, std::function<void()> onFinished) : onFinished_(std::move(onFinished)) {
  for (unsigned i = 0; i < count; ++i) threads_.emplace_back([this] { Run(); });
}

bool EncoderThreads::Submit(EncodeJob job) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || waiting_.size() >= kMaxWaiting) return false;
    waiting_.push_back(std::move(job));
  }
  wake_.notify_one();
  return true;
}

std::vector<EncodeOutcome> EncoderThreads::TakeFinished() {
  const std::lock_guard lock(mutex_);
  return std::exchange(finished_, {});
}

void EncoderThreads::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    waiting_.clear();
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void EncoderThreads::Run() {
  GiveWay();
  FrameEncoder encoder;
  while (auto job = NextJob()) {
    EncodeOutcome outcome = Encode(encoder, *job);
    job.reset();  // the ring may be closed as soon as the outcome is told
    {
      const std::lock_guard lock(mutex_);
      finished_.push_back(std::move(outcome));
    }
    onFinished_();
  }
}

std::optional<EncodeJob> EncoderThreads::NextJob() {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
  if (stopping_) return std::nullopt;
  EncodeJob job = std::move(waiting_.front());
  waiting_.pop_front();
  return job;
}

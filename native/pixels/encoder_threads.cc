#include "encoder_threads.h"

#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <system_error>
#include <utility>

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

// Whatever goes wrong is the failure of this frame, never the end of the process.
void Encode(std::optional<FrameEncoder>& encoder, const EncodeJob& job, EncodeOutcome& outcome) {
  try {
    if (!encoder) encoder.emplace();
    outcome.frame = encoder->Encode(*job.ring, job.seq, job.options);
  } catch (...) {
    outcome.failure = std::current_exception();
  }
}

}  // namespace

EncoderThreads::EncoderThreads(unsigned count, std::function<void()> onFinished) : onFinished_(std::move(onFinished)) {
  threads_.reserve(count);
  try {
    for (unsigned started = 0; started < count; ++started) {
      threads_.emplace_back([this] { Run(); });
      const std::lock_guard lock(mutex_);
      ++running_;
    }
  } catch (const std::system_error&) {
    Join();
    throw;
  }
}

EncoderThreads::~EncoderThreads() { Join(); }

bool EncoderThreads::Submit(EncodeJob job) {
  std::list<Work> one;
  const uint64_t id = job.id;
  one.push_back({std::move(job), {id, std::nullopt, nullptr}});
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || waiting_.size() >= kMaxWaiting) return false;
    waiting_.splice(waiting_.end(), one);
  }
  wake_.notify_one();
  return true;
}

std::list<EncodeOutcome> EncoderThreads::TakeFinished() {
  std::list<Work> finished;
  {
    const std::lock_guard lock(mutex_);
    finished.swap(finished_);
  }
  std::list<EncodeOutcome> outcomes;
  for (Work& work : finished) outcomes.push_back(std::move(work.outcome));
  return outcomes;
}

void EncoderThreads::RequestStop() {
  std::list<Work> dropped;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    dropped.swap(waiting_);
  }
  wake_.notify_all();
}

bool EncoderThreads::ended() {
  const std::lock_guard lock(mutex_);
  return stopping_ && running_ == 0;
}

void EncoderThreads::Join() {
  RequestStop();
  for (std::thread& thread : threads_) thread.join();
}

void EncoderThreads::Run() {
  GiveWay();
  std::optional<FrameEncoder> encoder;
  std::list<Work> taken;
  while (NextJob(taken)) {
    Work& work = taken.front();
    Encode(encoder, work.job, work.outcome);
    work.job.ring.reset();  // the ring may be closed as soon as the outcome is told
    Finish(taken);
  }
  encoder.reset();
  const std::lock_guard lock(mutex_);
  --running_;
}

bool EncoderThreads::NextJob(std::list<Work>& taken) {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
  if (stopping_) return false;
  taken.splice(taken.end(), waiting_, waiting_.begin());
  return true;
}

void EncoderThreads::Finish(std::list<Work>& done) {
  const std::lock_guard lock(mutex_);
  finished_.splice(finished_.end(), done);
  if (!stopping_) onFinished_();
}

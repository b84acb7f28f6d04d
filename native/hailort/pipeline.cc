#include "pipeline.h"

#include <pthread.h>

#include <algorithm>
#include <new>
#include <system_error>
#include <utility>

#include "core/futex.h"
#include "dequantise.h"

namespace hailort {

namespace {

constexpr size_t kMostSpareBytes = 8;

// A whole batch waits while another one is worked on, or the chip would idle between them.
size_t MostInFlight(const NetworkOptions& options) {
  return options.batchSize + std::max<size_t>(options.queueSize, options.batchSize);
}

InputPart PartOf(const PicturePlace& place, const ImageShape& input) {
  const double width = input.width;
  const double height = input.height;
  return {place.x / width, place.y / height, place.width / width, place.height / height};
}

}  // namespace

Pipeline::Pipeline(std::unique_ptr<ConfiguredNetwork> network, NmsFilter filter, const NetworkOptions& options)
    : network_(std::move(network)), filter_(std::move(filter)), mostInFlight_(MostInFlight(options)) {
  input_.resize(network_->input().frameBytes);
  for (const NetworkStream& output : network_->outputs()) {
    answers_.emplace_back(output.frameBytes);
    toRead_.emplace_back();
    written_.emplace_back();
  }
}

Pipeline::~Pipeline() {
  Stop();
  // The only way to end a call of a vstream; releasing one while a thread is inside would be a use after free.
  network_->Shutdown();
  for (std::thread& thread : threads_) thread.join();
  network_.reset();  // before the buffers into which it may still write
}

void Pipeline::Start(std::function<void()> onNews) {
  onNews_ = std::move(onNews);
  try {
    threads_.emplace_back([this] { Guard("npu write", [this] { WriteFrames(); }); });
    for (size_t output = 0; output < written_.size(); ++output) {
      threads_.emplace_back([this, output] { Guard("npu read", [this, output] { ReadFrames(output); }); });
    }
  } catch (const std::system_error& failure) {
    throw NativeError("NO_THREAD", std::string("The threads of a model cannot be started: ") + failure.what());
  }
}

bool Pipeline::Submit(std::unique_ptr<InferenceBatch> batch) {
  const std::lock_guard lock(mutex_);
  if (waiting_.size() + batch->frames.size() > kMostWaitingFrames) return false;
  batch->framesLeft = batch->frames.size();
  for (InferenceFrame& frame : batch->frames) {
    frame.batch = batch.get();
    frame.outputsLeft = written_.size();
    frame.tensors.resize(written_.size());
    waiting_.push_back(&frame);
  }
  batches_.push_back(std::move(batch));
  toWrite_.notify_one();
  return true;
}

std::vector<std::unique_ptr<InferenceBatch>> Pipeline::TakeAnswered() {
  const std::lock_guard lock(mutex_);
  return std::exchange(answered_, {});
}

std::optional<NativeError> Pipeline::failure() {
  const std::lock_guard lock(mutex_);
  return failure_;
}

PipelineCounters Pipeline::counters() {
  const std::lock_guard lock(mutex_);
  PipelineCounters now = counters_;
  now.busyNs = busy_.SumNs(MonotonicNs());
  now.inFlight = busy_.inFlight();
  return now;
}

std::vector<uint8_t> Pipeline::TakeBytes() {
  {
    const std::lock_guard lock(mutex_);
    if (!spareBytes_.empty()) {
      std::vector<uint8_t> bytes = std::move(spareBytes_.back());
      spareBytes_.pop_back();
      return bytes;
    }
  }
  return std::vector<uint8_t>(network_->input().frameBytes);
}

void Pipeline::Stop() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
  toWrite_.notify_all();
  for (std::condition_variable& output : toRead_) output.notify_all();
}

// On every thread of the pipeline: whatever goes wrong is the end of this pipeline, never of the process.
template <typename Work>
void Pipeline::Guard(const char* name, Work work) {
  pthread_setname_np(pthread_self(), name);
  try {
    work();
  } catch (const NativeError& failure) {
    Fail(failure);
  } catch (const std::bad_alloc&) {
    Fail(NativeError("HAILO_STATUS_3", "infer"));
  }
}

void Pipeline::WriteFrames() {
  while (InferenceFrame* frame = NextToWrite()) {
    const uint8_t* input = Prepare(*frame);
    if (input) {
      Write(*frame, input);
    } else {
      Answered(*frame, true);
    }
  }
}

void Pipeline::ReadFrames(size_t output) {
  while (InferenceFrame* frame = NextToRead(output)) {
    network_->Read(output, answers_[output].data());
    const uint64_t readNs = MonotonicNs();
    Decode(*frame, output, answers_[output].data());
    {
      const std::lock_guard lock(mutex_);
      counters_.decodeNs += MonotonicNs() - readNs;
    }
    Answered(*frame, false);
  }
}

InferenceFrame* Pipeline::NextToWrite() {
  std::unique_lock lock(mutex_);
  toWrite_.wait(lock,
                [this] { return stopping_ || failure_ || (!waiting_.empty() && busy_.inFlight() < mostInFlight_); });
  if (stopping_ || failure_) return nullptr;
  InferenceFrame* const frame = waiting_.front();
  waiting_.pop_front();
  return frame;
}

InferenceFrame* Pipeline::NextToRead(size_t output) {
  std::unique_lock lock(mutex_);
  toRead_[output].wait(lock, [&] { return stopping_ || failure_ || !written_[output].empty(); });
  if (stopping_ || failure_) return nullptr;
  InferenceFrame* const frame = written_[output].front();
  written_[output].pop_front();
  return frame;
}

const uint8_t* Pipeline::Prepare(InferenceFrame& frame) {
  if (!frame.ring) return frame.bytes.data();
  const ImageShape& shape = network_->input().shape;
  const uint64_t beganNs = MonotonicNs();
  const auto scaled = ReadScaled(*frame.ring, frame.seq, shape.width, shape.height, Placing::kCentre, pool_);
  frame.ring.reset();  // copied: it may be closed
  if (!scaled) return nullptr;
  WritePackedRgb(*scaled, shape.width, shape.height, input_.data());
  frame.info = scaled->info;
  frame.picture = PartOf(scaled->place, shape);
  const std::lock_guard lock(mutex_);
  counters_.letterboxNs += MonotonicNs() - beganNs;
  return input_.data();
}

void Pipeline::Write(InferenceFrame& frame, const uint8_t* input) {
  const uint64_t beganNs = MonotonicNs();
  {
    const std::lock_guard lock(mutex_);
    busy_.Begin(beganNs);
    if (frame.info && beganNs > frame.info->arrivedNs) counters_.queueAgeNs += beganNs - frame.info->arrivedNs;
  }
  network_->Write(input);
  const std::lock_guard lock(mutex_);
  counters_.writeNs += MonotonicNs() - beganNs;
  if (!frame.bytes.empty() && spareBytes_.size() < kMostSpareBytes) spareBytes_.push_back(std::move(frame.bytes));
  // Only now: an answer's timeout shall not run while its frame waits to be written.
  for (size_t output = 0; output < written_.size(); ++output) {
    written_[output].push_back(&frame);
    toRead_[output].notify_one();
  }
}

void Pipeline::Decode(InferenceFrame& frame, size_t output, const uint8_t* answer) {
  const NetworkStream& stream = network_->outputs()[output];
  if (stream.nms) {
    frame.detections = DecodeNms(reinterpret_cast<const float*>(answer), stream.frameBytes / sizeof(float), *stream.nms,
                                 filter_, frame.picture);
  } else {
    frame.tensors[output] = Dequantise(answer, stream.frameBytes / BytesOf(stream.type), stream.type, stream.quant);
  }
}

void Pipeline::Answered(InferenceFrame& frame, bool overwritten) {
  const std::lock_guard lock(mutex_);
  frame.overwritten = overwritten;
  if (!overwritten) {
    if (--frame.outputsLeft > 0) return;
    busy_.End(MonotonicNs());
    ++counters_.frames;
    toWrite_.notify_one();
  }
  if (--frame.batch->framesLeft > 0) return;
  bool news = false;
  for (; !batches_.empty() && batches_.front()->framesLeft == 0; batches_.pop_front()) {
    answered_.push_back(std::move(batches_.front()));
    news = true;
  }
  if (news && !stopping_) onNews_();
}

void Pipeline::Fail(const NativeError& failure) {
  const std::lock_guard lock(mutex_);
  if (failure_) return;
  failure_ = failure;
  toWrite_.notify_all();
  for (std::condition_variable& output : toRead_) output.notify_all();
  if (!stopping_) onNews_();
}

}  // namespace hailort

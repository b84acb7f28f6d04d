#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "eyes.h"
#include "fault.h"
#include "hef_file.h"
#include "input_port.h"
#include "output_port.h"

// Frames that the chip works on at once, and what it answers.
struct Batch {
  struct Output {
    std::shared_ptr<OutputPort> port;
    NmsRules rules;
    std::vector<std::vector<uint8_t>> answers;  // one a frame
  };

  std::shared_ptr<InputPort> input;
  std::vector<InputPort::Frame> frames;
  uint64_t firstNumber;  // of its frames, since configure
  std::vector<Output> outputs;
  Time due;  // when the answers are there
};

// A configured network group: what waits for the chip, what has been answered. Owners: the chip, the handle, its
// vstreams. Everything but See is called under the monitor's mutex.
class Group {
 public:
  Group(Monitor& monitor, std::shared_ptr<const HefFile> hef, uint16_t batchSize);

  const HefFile& hef() const { return *hef_; }
  const Network& network() const { return hef_->network; }
  Lane& lane() { return lane_; }

  std::shared_ptr<InputPort> OpenInput(const hailort::VstreamParams& params);
  std::shared_ptr<OutputPort> OpenOutput(const NetworkOutput& output, const hailort::VstreamParams& params);
  // Throws kInvalidOperation where it is open already, or the group is over.
  void RequireClosed(const NetworkOutput& output) const;
  void CloseInput(const InputPort& port);
  void CloseOutput(OutputPort& port);

  // No call goes on, nothing is answered, nothing of the program's is touched any more.
  void End(hailort::Status why);
  // Frames that wait, are worked on or wait for their answer's time.
  size_t inFlight() const;

  // Has frames and room for their answers, at a time that it tells; by the scheduler's threshold and timeout.
  std::optional<Time> ReadySince(Time now) const;
  // When `ReadySince` will say yes although nothing else happens; empty: never.
  std::optional<Time> ReadyAt() const;
  // At most `most` frames, and no more than the configured batch size.
  Batch Take(Time start, size_t most);
  // Eyes begin or end their work on a frame.
  void Looking(bool looking) { lane_.looking = looking; }
  // Fills the answers. The chip's thread, without the mutex.
  void See(Batch& batch, const Orders& orders, bool corrupt);
  void Finish(Batch batch, Time due);
  std::optional<Time> NextAnswerAt() const;
  void Answer(Time now);
  // The longest time that one of its readers waits.
  uint32_t ReadTimeoutMs() const;

  // The scheduler's settings.
  uint32_t threshold = 0;
  uint32_t thresholdTimeoutMs = 0;
  uint8_t priority = 16;  // HAILO_SCHEDULER_PRIORITY_NORMAL

 private:
  bool HasRoom() const;

  const std::shared_ptr<const HefFile> hef_;
  const size_t batchSize_;
  Lane lane_;
  Eyes eyes_;
  uint64_t taken_ = 0;
  std::shared_ptr<InputPort> input_;
  std::vector<std::shared_ptr<OutputPort>> outputs_;
  std::deque<Batch> finished_;
};

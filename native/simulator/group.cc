#include "group.h"

#include <algorithm>

#include "status_error.h"

using hailort::Status;

Group::Group(Monitor& monitor, std::shared_ptr<const HefFile> hef, uint16_t batchSize)
    : hef_(std::move(hef)), batchSize_(std::max<uint16_t>(1, batchSize)), lane_{monitor}, eyes_(hef_->network) {}

std::shared_ptr<InputPort> Group::OpenInput(const hailort::VstreamParams& params) {
  Require(!lane_.over() && input_ == nullptr, Status::kInvalidOperation);
  input_ = std::make_shared<InputPort>(lane_, network().inputBytes(), params);
  return input_;
}

void Group::RequireClosed(const NetworkOutput& output) const {
  const bool open =
      std::any_of(outputs_.begin(), outputs_.end(), [&](auto& port) { return &port->output() == &output; });
  Require(!lane_.over() && !open, Status::kInvalidOperation);
}

std::shared_ptr<OutputPort> Group::OpenOutput(const NetworkOutput& output, const hailort::VstreamParams& params) {
  RequireClosed(output);
  return outputs_.emplace_back(std::make_shared<OutputPort>(lane_, output, params, batchSize_));
}

void Group::CloseInput(const InputPort& port) {
  if (input_.get() == &port) input_ = nullptr;
}

void Group::CloseOutput(OutputPort& port) {
  port.End();
  std::erase_if(outputs_, [&](const auto& open) { return open.get() == &port; });
}

void Group::End(Status why) {
  if (lane_.over()) return;
  lane_.ended = why;
  finished_.clear();
  if (input_ != nullptr) input_->End();
  for (const auto& port : outputs_) port->End();
}

size_t Group::inFlight() const {
  size_t frames = input_ == nullptr ? 0 : input_->waiting();
  for (const Batch& batch : finished_) frames += batch.frames.size();
  return frames;
}

bool Group::HasRoom() const {
  return !outputs_.empty() && std::all_of(outputs_.begin(), outputs_.end(), [](auto& port) { return port->HasRoom(); });
}

std::optional<Time> Group::ReadyAt() const {
  if (lane_.over() || input_ == nullptr || !input_->Holds(1) || !HasRoom()) return std::nullopt;
  // A threshold above the queue's size could never be reached.
  const size_t wanted = std::clamp<size_t>(threshold, 1, input_->queueSize);
  Time ready;
  if (input_->Holds(wanted)) {
    ready = input_->ArrivalOf(wanted - 1);
  } else if (thresholdTimeoutMs > 0) {
    ready = DeadlineAfter(input_->ArrivalOf(0), thresholdTimeoutMs);
  } else {
    return std::nullopt;
  }
  for (const auto& port : outputs_) ready = std::max(ready, port->roomSince());
  return ready;
}

std::optional<Time> Group::ReadySince(Time now) const {
  const auto ready = ReadyAt();
  return ready && *ready <= now ? ready : std::nullopt;
}

Batch Group::Take(Time start, size_t most) {
  Batch batch{input_, {}, taken_, {}, {}};
  input_->Take(start, std::min(batchSize_, most), batch.frames);
  taken_ += batch.frames.size();
  for (const auto& port : outputs_) {
    port->Expect(batch.frames.size());
    auto& output = batch.outputs.emplace_back(Batch::Output{port, port->rules(), {}});
    for (size_t i = 0; i < batch.frames.size(); i++) output.answers.push_back(port->SpareBuffer());
  }
  return batch;
}

void Group::See(Batch& batch, const Orders& orders, bool corrupt) {
  const size_t middle = (size_t{network().inputHeight / 2} * network().inputWidth + network().inputWidth / 2) * 3;
  for (size_t i = 0; i < batch.frames.size(); i++) {
    const uint64_t number = batch.firstNumber + i;
    const uint8_t* rgb = batch.frames[i].bytes.data();
    const auto boxes = eyes_.Find(number, rgb, orders.detector);
    for (auto& output : batch.outputs) {
      if (corrupt && output.port->output().nms) {
        PackNonsense(output.rules, number, output.answers[i]);
      } else {
        output.port->Pack(output.rules, boxes, rgb[middle], output.answers[i]);
      }
    }
  }
}

void Group::Finish(Batch batch, Time due) {
  batch.input->Recycle(batch.frames);
  if (lane_.over()) return;
  batch.due = due;
  finished_.push_back(std::move(batch));
}

std::optional<Time> Group::NextAnswerAt() const {
  return finished_.empty() ? std::nullopt : std::optional(finished_.front().due);
}

void Group::Answer(Time now) {
  while (!finished_.empty() && finished_.front().due <= now) {
    for (auto& output : finished_.front().outputs) {
      for (auto& answer : output.answers) output.port->Deliver(std::move(answer));
    }
    finished_.pop_front();
  }
}

uint32_t Group::ReadTimeoutMs() const {
  uint32_t longest = 0;
  for (const auto& port : outputs_) longest = std::max(longest, port->timeoutMs());
  return longest;
}

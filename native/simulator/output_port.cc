#include "output_port.h"

#include <algorithm>
#include <cstring>

using hailort::FormatType;
using hailort::Status;

namespace {

FormatType ResolveType(const NetworkOutput& output, FormatType asked) {
  if (output.nms) return FormatType::kFloat32;
  if (asked != FormatType::kAuto) return asked;
  return output.tensor.wide ? FormatType::kUint16 : FormatType::kUint8;
}

size_t ValueBytes(FormatType type) { return type == FormatType::kUint8 ? 1 : type == FormatType::kUint16 ? 2 : 4; }

template <typename Value>
void Put(std::vector<uint8_t>& packed, size_t index, Value value) {
  std::memcpy(packed.data() + index * sizeof value, &value, sizeof value);
}

}  // namespace

OutputPort::OutputPort(Lane& lane, const NetworkOutput& output, const hailort::VstreamParams& params, size_t batchSize)
    : lane_(lane),
      output_(output),
      type_(ResolveType(output, params.user_buffer_format.type)),
      timeoutMs_(params.timeout_ms),
      room_(params.queue_size + batchSize) {
  if (output.nms) rules_ = {output.nms->classes, output.nms->maxPerClass, 0, std::nullopt};
}

size_t OutputPort::frameBytes() {
  if (!output_.nms) return output_.tensor.values() * ValueBytes(type_);
  const std::lock_guard lock(lane_.monitor.mutex);
  return rules_.frameBytes();
}

Status OutputPort::Read(uint8_t* data, size_t size) {
  if (size != frameBytes()) return Status::kInvalidArgument;
  std::unique_lock lock(lane_.monitor.mutex);
  const auto canGoOn = [&] { return lane_.over() || broken_ || (lent_ == nullptr && !answers_.empty()); };
  if (!lane_.Wait(lock, answered_, timeoutMs_, canGoOn)) {
    if (lent_ == nullptr) {
      lent_ = data;
      lentBytes_ = size;
    }
    return Status::kTimeout;
  }
  if (lane_.over()) return lane_.ended;
  if (broken_) return Status::kInternalFailure;
  auto answer = std::move(answers_.front());
  answers_.pop_front();
  lock.unlock();
  std::memcpy(data, answer.data(), std::min(size, answer.size()));
  lock.lock();
  spare_.push_back(std::move(answer));
  Settle();
  return Status::kSuccess;
}

void OutputPort::Pack(const NmsRules& rules, const std::optional<std::span<const SimBox>>& boxes, uint8_t red,
                      std::vector<uint8_t>& packed) const {
  if (!output_.nms) {
    PackTensor(red, packed);
  } else if (boxes) {
    PackNms(*boxes, rules, packed);
  } else {
    // Nobody could look at this frame: an answer that says nobody is there would be a lie.
    PackNonsense(rules, 0, packed);
  }
}

void OutputPort::PackTensor(uint8_t red, std::vector<uint8_t>& packed) const {
  const TensorOutput& tensor = output_.tensor;
  packed.resize(tensor.values() * ValueBytes(type_));
  for (size_t i = 0; i < tensor.values(); i++) {
    const auto value = static_cast<uint8_t>((i + red) % 251);
    if (type_ == FormatType::kUint8) {
      packed[i] = value;
    } else if (type_ == FormatType::kUint16) {
      Put(packed, i, uint16_t{value});
    } else {
      Put(packed, i, (static_cast<float>(value) - tensor.zeroPoint) * tensor.scale);
    }
  }
}

std::vector<uint8_t> OutputPort::SpareBuffer() {
  if (spare_.empty()) return {};
  auto buffer = std::move(spare_.back());
  spare_.pop_back();
  return buffer;
}

void OutputPort::Deliver(std::vector<uint8_t> packed) {
  if (lent_ != nullptr) {
    std::memcpy(lent_, packed.data(), std::min(lentBytes_, packed.size()));
    lent_ = nullptr;
    broken_ = true;
  }
  if (broken_) {
    Settle();
  } else {
    answers_.push_back(std::move(packed));
  }
  answered_.notify_all();
}

void OutputPort::End() {
  answers_.clear();
  // Once its group is shut down, or it is released, the library writes nothing any more.
  lent_ = nullptr;
  answered_.notify_all();
}

void OutputPort::Settle() {
  if (outstanding_ == 0) return;  // the group was ended meanwhile
  if (outstanding_-- == room_) roomSince_ = Clock::now();
  lane_.monitor.WakeIfIdle();
}

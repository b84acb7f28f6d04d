#include <cmath>
#include <cstring>

#include "entry_points.h"
#include "machine.h"
#include "vstream_info.h"

namespace hailort {

namespace {

// Counts itself as long as a call is inside a vstream.
template <typename Port>
class Inside {
 public:
  explicit Inside(std::shared_ptr<OpenVstream<Port>> open) : open_(std::move(open)) {
    open_->callsInside++;
    open_->group->callsInside++;
  }
  ~Inside() {
    open_->callsInside--;
    open_->group->callsInside--;
  }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;

  Port& port() const { return *open_->port; }

 private:
  const std::shared_ptr<OpenVstream<Port>> open_;
};

template <typename Handles, typename Handle, typename Close>
void ReleaseAll(Handles& handles, const Handle* vstreams, size_t count, const Close& close) {
  for (size_t i = 0; i < count; i++) {
    const auto open = handles.Remove(vstreams[i]);
    if (open->callsInside > 0) {
      Die("a vstream of \"" + open->group->group->network().name +
          "\" is released while a call is inside it: HailoRT would use freed memory");
    }
    const std::lock_guard lock(open->group->chip->monitor().mutex);
    close(*open->group->group, *open->port);
  }
}

template <typename Change>
Status ChangeRules(OutputVstream vstream, bool valid, const Change& change) {
  return Answer([&] {
    RequirePointers(vstream);
    const auto open = Machine::Get().outputs.Get(vstream);
    Require(valid, Status::kInvalidArgument);
    const Status status = open->port->ChangeRules(change);
    Require(status == Status::kSuccess, status);
  });
}

bool IsShare(float value) { return value >= 0 && value <= 1; }

}  // namespace

Status hailo_get_input_vstream_frame_size(InputVstream vstream, size_t* size) {
  return Answer([&] {
    RequirePointers(vstream, size);
    *size = Machine::Get().inputs.Get(vstream)->port->frameBytes();
  });
}

Status hailo_get_output_vstream_frame_size(OutputVstream vstream, size_t* size) {
  return Answer([&] {
    RequirePointers(vstream, size);
    *size = Machine::Get().outputs.Get(vstream)->port->frameBytes();
  });
}

Status hailo_get_input_vstream_info(InputVstream vstream, VstreamInfo* info) {
  return Answer([&] {
    RequirePointers(vstream, info);
    *info = DescribeInput(Machine::Get().inputs.Get(vstream)->group->group->network());
  });
}

Status hailo_get_output_vstream_info(OutputVstream vstream, VstreamInfo* info) {
  return Answer([&] {
    RequirePointers(vstream, info);
    Machine& machine = Machine::Get();
    const auto open = machine.outputs.Get(vstream);
    *info = DescribeOutput(open->group->group->network(), open->port->output(), machine.settings().old());
  });
}

Status hailo_vstream_write_raw_buffer(InputVstream vstream, const void* buffer, size_t size) {
  return Answer([&] {
    RequirePointers(vstream, buffer);
    const Inside inside(Machine::Get().inputs.Get(vstream));
    const Status status = inside.port().Write(static_cast<const uint8_t*>(buffer), size);
    Require(status == Status::kSuccess, status);
  });
}

Status hailo_vstream_read_raw_buffer(OutputVstream vstream, void* buffer, size_t size) {
  return Answer([&] {
    RequirePointers(vstream, buffer);
    const Inside inside(Machine::Get().outputs.Get(vstream));
    const Status status = inside.port().Read(static_cast<uint8_t*>(buffer), size);
    Require(status == Status::kSuccess, status);
  });
}

Status hailo_vstream_set_nms_score_threshold(OutputVstream vstream, float threshold) {
  return ChangeRules(vstream, IsShare(threshold), [&](NmsRules& rules) { rules.scoreThreshold = threshold; });
}

Status hailo_vstream_set_nms_iou_threshold(OutputVstream vstream, float threshold) {
  return ChangeRules(vstream, IsShare(threshold), [&](NmsRules& rules) { rules.iouThreshold = threshold; });
}

// The frame size follows: it must be asked for again.
Status hailo_vstream_set_nms_max_proposals_per_class(OutputVstream vstream, uint32_t most) {
  constexpr uint32_t kMost = 10'000;
  return ChangeRules(vstream, most > 0 && most <= kMost, [&](NmsRules& rules) { rules.maxPerClass = most; });
}

Status hailo_release_input_vstreams(const InputVstream* vstreams, size_t count) {
  return Answer([&] {
    RequirePointers(vstreams);
    ReleaseAll(Machine::Get().inputs, vstreams, count, [](Group& group, auto& port) { group.CloseInput(port); });
  });
}

Status hailo_release_output_vstreams(const OutputVstream* vstreams, size_t count) {
  return Answer([&] {
    RequirePointers(vstreams);
    ReleaseAll(Machine::Get().outputs, vstreams, count, [](Group& group, auto& port) { group.CloseOutput(port); });
  });
}

}  // namespace hailort

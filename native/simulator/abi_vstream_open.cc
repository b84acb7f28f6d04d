#include <algorithm>
#include <cstring>

#include "entry_points.h"
#include "machine.h"

namespace hailort {

namespace {

// HAILO_DEFAULT_VSTREAM_TIMEOUT_MS and HAILO_DEFAULT_VSTREAM_QUEUE_SIZE
constexpr uint32_t kTimeoutMs = 10'000, kQueueSize = 2;

template <typename ByName>
ByName DefaultsFor(const std::string& name, FormatType type) {
  ByName params{};
  std::memcpy(params.name, name.c_str(), name.size() + 1);
  params.params = {{type, FormatOrder::kAuto, 0}, kTimeoutMs, kQueueSize, 0, 0};
  return params;
}

template <typename ByName>
std::string NameOf(const ByName& params) {
  return {params.name, strnlen(params.name, sizeof params.name)};
}

void RequireInputFormat(const VstreamParams& params) {
  Require(params.queue_size > 0 && params.user_buffer_format.type <= FormatType::kFloat32, Status::kInvalidArgument);
  const Format& format = params.user_buffer_format;
  const bool plain = (format.type == FormatType::kAuto || format.type == FormatType::kUint8) &&
                     (format.order == FormatOrder::kAuto || format.order == FormatOrder::kNhwc);
  if (plain) return;
  Say("inputs are simulated as UINT8 NHWC only");
  throw StatusError{Status::kNotSupported};
}

void RequireOutputFormat(const NetworkOutput& output, const VstreamParams& params) {
  const Format& format = params.user_buffer_format;
  Require(params.queue_size > 0 && format.type <= FormatType::kFloat32, Status::kInvalidArgument);
  Require(format.order != FormatOrder::kNmsByScore, Status::kNotSupported);
  const bool asIs = format.type == FormatType::kAuto || format.type == FormatType::kFloat32;
  if (output.nms) {
    Require(asIs && (format.order == FormatOrder::kAuto || format.order == FormatOrder::kNmsByClass),
            Status::kInvalidArgument);
    return;
  }
  const bool own = format.type == (output.tensor.wide ? FormatType::kUint16 : FormatType::kUint8);
  Require((asIs || own) && (format.order == FormatOrder::kAuto || format.order == FormatOrder::kNhwc),
          Status::kInvalidArgument);
}

// The outputs asked for, in the order of their names: whatever order they were asked for in, and are listed in.
std::vector<std::pair<const NetworkOutput*, const VstreamParams*>> Sorted(const Network& network,
                                                                          const OutputVstreamParamsByName* params,
                                                                          size_t count) {
  std::vector<std::pair<const NetworkOutput*, const VstreamParams*>> asked;
  for (size_t i = 0; i < count; i++) {
    const auto& outputs = network.outputs;
    const auto found = std::find_if(outputs.begin(), outputs.end(),
                                    [&](const NetworkOutput& output) { return output.name == NameOf(params[i]); });
    Require(found != outputs.end(), Status::kNotFound);
    RequireOutputFormat(*found, params[i].params);
    asked.emplace_back(&*found, &params[i].params);
  }
  const auto byName = [](const auto& a, const auto& b) { return a.first->name < b.first->name; };
  std::sort(asked.begin(), asked.end(), byName);
  // Nothing may be asked for twice.
  Require(std::adjacent_find(asked.begin(), asked.end(),
                             [](const auto& a, const auto& b) { return a.first == b.first; }) == asked.end(),
          Status::kInvalidArgument);
  return asked;
}

template <typename Port>
std::shared_ptr<OpenVstream<Port>> OpenAs(const std::shared_ptr<OpenGroup>& group, std::shared_ptr<Port> port) {
  auto open = std::make_shared<OpenVstream<Port>>();
  open->group = group;
  open->port = std::move(port);
  return open;
}

}  // namespace

Status hailo_make_input_vstream_params(NetworkGroup group, bool, FormatType type, InputVstreamParamsByName* params,
                                       size_t* count) {
  return Answer([&] {
    RequirePointers(group, params, count);
    const Network& network = Machine::Get().groups.Get(group)->group->network();
    GiveAll(std::vector{DefaultsFor<InputVstreamParamsByName>(network.inputName, type)}, params, count);
  });
}

Status hailo_make_output_vstream_params(NetworkGroup group, bool, FormatType type, OutputVstreamParamsByName* params,
                                        size_t* count) {
  return Answer([&] {
    RequirePointers(group, params, count);
    std::vector<OutputVstreamParamsByName> all;
    for (const auto& output : Machine::Get().groups.Get(group)->group->network().outputs) {
      all.push_back(DefaultsFor<OutputVstreamParamsByName>(output.name, type));
    }
    GiveAll(all, params, count);
  });
}

Status hailo_create_input_vstreams(NetworkGroup group, const InputVstreamParamsByName* params, size_t count,
                                   InputVstream* vstreams) {
  return Answer([&] {
    RequirePointers(group, params, vstreams);
    Machine& machine = Machine::Get();
    const auto open = machine.groups.Get(group);
    Require(count == 1, Status::kInvalidArgument);
    Require(NameOf(params[0]) == open->group->network().inputName, Status::kNotFound);
    RequireInputFormat(params[0].params);
    const std::lock_guard lock(open->chip->monitor().mutex);
    vstreams[0] = machine.inputs.Add(OpenAs(open, open->group->OpenInput(params[0].params)));
  });
}

Status hailo_create_output_vstreams(NetworkGroup group, const OutputVstreamParamsByName* params, size_t count,
                                    OutputVstream* vstreams) {
  return Answer([&] {
    RequirePointers(group, params, vstreams);
    Machine& machine = Machine::Get();
    const auto open = machine.groups.Get(group);
    Require(count > 0, Status::kInvalidArgument);
    const auto asked = Sorted(open->group->network(), params, count);
    const std::lock_guard lock(open->chip->monitor().mutex);
    for (const auto& [output, settings] : asked) open->group->RequireClosed(*output);
    for (const auto& [output, settings] : asked) {
      *vstreams++ = machine.outputs.Add(OpenAs(open, open->group->OpenOutput(*output, *settings)));
    }
  });
}

}  // namespace hailort

#include "configured_network.h"

#include <array>
#include <cstring>
#include <utility>

#include "counted.h"
#include "hef_streams.h"
#include "library.h"

namespace hailort {

namespace {

constexpr size_t kMostNetworkGroups = 8;  // HAILO_MAX_NETWORK_GROUPS

// What the library fills in before a few fields are changed.
struct alignas(8) ConfigureParams {
  std::array<uint8_t, kConfigureParamsBytes> bytes{};

  template <typename Field>
  void Set(size_t at, Field value) {
    std::memcpy(bytes.data() + at, &value, sizeof(value));
  }
};

std::string NameOf(const char (&name)[kMaxNameBytes]) { return {name, strnlen(name, kMaxNameBytes)}; }

void Patch(VstreamParams& params, FormatType type, const NetworkOptions& options) {
  params.user_buffer_format.type = type;
  params.timeout_ms = options.timeoutMs;
  params.queue_size = options.queueSize;
}

const VstreamInfo& InfoNamed(const std::vector<VstreamInfo>& infos, const std::string& name) {
  for (const VstreamInfo& info : infos) {
    if (NameOf(info.name) == name) return info;
  }
  throw NativeError("MODEL_UNSUPPORTED", "The HEF says nothing of its output " + name + ".");
}

}  // namespace

// An open HEF: needed until it is configured.
class ConfiguredNetwork::Hef {
 public:
  Hef(const Api& api, const std::string& path) : api_(api) {
    Check(api_.create_hef_file(&handle_, path.c_str()), "create_hef_file");
  }
  ~Hef() { api_.release_hef(handle_); }
  Hef(const Hef&) = delete;
  Hef& operator=(const Hef&) = delete;

  hailort::Hef handle() const { return handle_; }

  std::vector<VstreamInfo> VstreamInfos() const {
    const auto ask = [this](VstreamInfo* infos, size_t* count) {
      return api_.hef_get_all_vstream_infos(handle_, nullptr, infos, count);
    };
    return AllOf<VstreamInfo>(ask, "hef_get_all_vstream_infos");
  }

  // Only then do we know where the fields of its configure parameters lie.
  void RequireOneGroup() const {
    const auto ask = [this](NetworkGroupInfo* groups, size_t* count) {
      return api_.get_network_groups_infos(handle_, groups, count);
    };
    const size_t count = AllOf<NetworkGroupInfo>(ask, "get_network_groups_infos").size();
    if (count == 1) return;
    throw NativeError("MODEL_UNSUPPORTED", "The HEF holds " + std::to_string(count) + " network groups, not one.");
  }

 private:
  const Api& api_;
  hailort::Hef handle_ = nullptr;
};

ConfiguredNetwork::ConfiguredNetwork(std::shared_ptr<OpenVdevice> vdevice, const std::string& hefPath,
                                     const NetworkOptions& options)
    : vdevice_(std::move(vdevice)), api_(vdevice_->api()) {
  const Hef hef(api_, hefPath);
  hef.RequireOneGroup();
  const std::vector<VstreamInfo> infos = hef.VstreamInfos();
  RequireUsable(infos);
  Configure(hef, options);
  try {
    OpenInput(options);
    OpenOutputs(infos, options);
    SetThresholds(options);
  } catch (...) {
    Release();
    throw;
  }
}

ConfiguredNetwork::~ConfiguredNetwork() { Release(); }

void ConfiguredNetwork::Configure(const Hef& hef, const NetworkOptions& options) {
  const auto params = std::make_unique<ConfigureParams>();
  Check(api_.init_configure_params_by_vdevice(hef.handle(), vdevice_->handle(), params->bytes.data()),
        "init_configure_params_by_vdevice");
  params->Set(kConfigureBatchSizeAt, options.batchSize);
  params->Set(kConfigurePowerModeAt, options.powerMode);
  params->Set(kConfigureLatencyAt, uint32_t{0});  // measuring it costs frames
  std::array<NetworkGroup, kMostNetworkGroups> groups{};
  size_t count = groups.size();
  Check(api_.configure_vdevice(vdevice_->handle(), hef.handle(), params->bytes.data(), groups.data(), &count),
        "configure_vdevice");
  if (count != 1) {
    throw NativeError("MODEL_UNSUPPORTED",
                      "The HEF was configured as " + std::to_string(count) + " network groups, not one.");
  }
  group_ = groups[0];
}

void ConfiguredNetwork::OpenInput(const NetworkOptions& options) {
  InputVstreamParamsByName params{};
  size_t count = 1;
  Check(api_.make_input_vstream_params(group_, false, FormatType::kUint8, &params, &count),
        "make_input_vstream_params");
  Patch(params.params, FormatType::kUint8, options);
  Check(api_.create_input_vstreams(group_, &params, 1, &inputVstream_), "create_input_vstreams");
  VstreamInfo info{};
  size_t frameBytes = 0;
  Check(api_.get_input_vstream_info(inputVstream_, &info), "get_input_vstream_info");
  Check(api_.get_input_vstream_frame_size(inputVstream_, &frameBytes), "get_input_vstream_frame_size");
  input_ = StreamOf(info, FormatType::kUint8, frameBytes);
}

void ConfiguredNetwork::OpenOutputs(const std::vector<VstreamInfo>& infos, const NetworkOptions& options) {
  const size_t outputs = infos.size() - 1;
  size_t count = outputs;
  std::vector<OutputVstreamParamsByName> params(count);
  Check(api_.make_output_vstream_params(group_, false, FormatType::kFloat32, params.data(), &count),
        "make_output_vstream_params");
  if (count != outputs) {
    throw NativeError("MODEL_UNSUPPORTED", "The HEF has " + std::to_string(outputs) + " outputs, configured it has " +
                                               std::to_string(count) + ".");
  }
  for (auto& output : params) Patch(output.params, ReadType(InfoNamed(infos, NameOf(output.name))), options);
  std::vector<OutputVstream> vstreams(count);
  Check(api_.create_output_vstreams(group_, params.data(), count, vstreams.data()), "create_output_vstreams");
  outputVstreams_ = std::move(vstreams);
  // They come sorted by name, not as they were ordered: each says itself who it is.
  for (const OutputVstream vstream : outputVstreams_) {
    VstreamInfo info{};
    size_t frameBytes = 0;
    Check(api_.get_output_vstream_info(vstream, &info), "get_output_vstream_info");
    Check(api_.get_output_vstream_frame_size(vstream, &frameBytes), "get_output_vstream_frame_size");
    outputs_.push_back(StreamOf(info, ReadType(InfoNamed(infos, NameOf(info.name))), frameBytes));
  }
}

// What the library will not do because the NMS runs on the chip (6), whoever decodes does.
void ConfiguredNetwork::SetThresholds(const NetworkOptions& options) {
  for (size_t output = 0; output < outputs_.size(); ++output) {
    if (!outputs_[output].nms) continue;
    if (options.scoreThreshold) {
      const Status status = api_.vstream_set_nms_score_threshold(outputVstreams_[output], *options.scoreThreshold);
      if (status != Status::kInvalidOperation) Check(status, "vstream_set_nms_score_threshold");
    }
    if (options.iouThreshold) {
      const Status status = api_.vstream_set_nms_iou_threshold(outputVstreams_[output], *options.iouThreshold);
      if (status != Status::kInvalidOperation) Check(status, "vstream_set_nms_iou_threshold");
      suppresses_ = status == Status::kSuccess;
    }
  }
}

void ConfiguredNetwork::Write(const uint8_t* frame) const {
  Check(api_.vstream_write_raw_buffer(inputVstream_, frame, input_.frameBytes), "vstream_write_raw_buffer");
}

void ConfiguredNetwork::Read(size_t output, uint8_t* answer) const {
  Check(api_.vstream_read_raw_buffer(outputVstreams_[output], answer, outputs_[output].frameBytes),
        "vstream_read_raw_buffer");
}

// Whatever it answers: every call inside ends by its own timeout too.
void ConfiguredNetwork::Shutdown() const { api_.shutdown_network_group(group_); }

void ConfiguredNetwork::Release() {
  if (inputVstream_) api_.release_input_vstreams(&inputVstream_, 1);
  if (!outputVstreams_.empty()) api_.release_output_vstreams(outputVstreams_.data(), outputVstreams_.size());
}

}  // namespace hailort

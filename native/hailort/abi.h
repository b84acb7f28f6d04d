#pragma once

#include <cstddef>
#include <cstdint>

// HailoRT's C ABI (libhailort 4.20 to 4.23), declared by ourselves so that nothing of HailoRT is needed to build. The
// binding calls through these types and the simulator implements them; `npm run abi` prints their layout as compiled.
// Names are HailoRT's without prefix and suffix. Source: the public headers of 4.20–4.23, layouts measured on x86-64,
// equal on aarch64.
namespace hailort {

enum class Status : uint32_t {
  kSuccess = 0,
  kInvalidArgument = 2,
  kOutOfHostMemory = 3,
  kTimeout = 4,
  kInsufficientBuffer = 5,
  kInvalidOperation = 6,
  kNotImplemented = 7,
  kInternalFailure = 8,
  kOpenFileFailure = 13,
  kInvalidHef = 26,
  kDriverOperationFailed = 36,
  kNotFound = 61,
  kCommunicationClosed = 62,
  kStreamAbort = 63,
  kDriverNotInstalled = 64,
  kDeviceInUse = 73,
  kOutOfPhysicalDevices = 74,
  kDriverVersionMismatch = 76,
  kNotSupported = 79,
  kHefFileCorrupted = 91,
  kHefNotSupported = 92,
  kHefNotCompatibleWithDevice = 93,
};

enum class SchedulingAlgorithm : uint32_t { kNone = 0, kRoundRobin = 1 };
enum class FormatType : uint32_t { kAuto = 0, kUint8 = 1, kUint16 = 2, kFloat32 = 3 };
enum class FormatOrder : uint32_t { kAuto = 0, kNhwc = 1, kNc = 6, kNmsByClass = 22, kNmsByScore = 23 };
enum class Direction : uint32_t { kHostToDevice = 0, kDeviceToHost = 1 };
enum class Architecture : uint32_t {
  kHailo8A0 = 0,
  kHailo8 = 1,
  kHailo8L = 2,
  kHailo15H = 3,
  kHailo15L = 4,
  kHailo15M = 5,
  kHailo10H = 6,
};
enum class ResetMode : uint32_t { kChip = 0, kNnCore = 1, kSoft = 2, kForcedSoft = 3 };
enum class PowerMode : uint32_t { kPerformance = 0, kUltraPerformance = 1 };

inline constexpr size_t kMaxNameBytes = 128;  // HAILO_MAX_STREAM_NAME_SIZE and HAILO_MAX_NETWORK_GROUP_NAME_SIZE

struct Version {
  uint32_t major;
  uint32_t minor;
  uint32_t revision;
};

struct DeviceId {
  char id[32];
};

struct VdeviceParams {
  uint32_t device_count;
  DeviceId* device_ids;
  SchedulingAlgorithm scheduling_algorithm;
  const char* group_id;
  bool multi_process_service;
};

struct FirmwareVersion {
  uint32_t major;
  uint32_t minor;
  uint32_t revision;
};

struct DeviceIdentity {
  uint32_t protocol_version;
  FirmwareVersion fw_version;
  uint32_t logger_version;
  uint8_t board_name_length;
  char board_name[32];
  bool is_release;
  bool extended_context_switch_buffer;
  Architecture device_architecture;
  uint8_t serial_number_length;
  char serial_number[16];
  uint8_t part_number_length;
  char part_number[16];
  uint8_t product_name_length;
  char product_name[42];
};

// 92 bytes in 4.20, where gpio_mask does not exist: hand in the whole structure, read no further.
struct ExtendedDeviceInformation {
  uint32_t neural_network_core_clock_rate;
  uint8_t supported_features[8];
  uint32_t boot_source;
  uint8_t soc_id[32];
  uint8_t lcs;
  uint8_t eth_mac_address[6];
  uint8_t unit_level_tracking_id[12];
  uint8_t soc_pm_values[24];
  uint16_t gpio_mask;
};

struct ChipTemperatureInfo {
  float ts0_temperature;
  float ts1_temperature;
  uint16_t sample_count;
};

struct Format {
  FormatType type;
  FormatOrder order;
  uint32_t flags;
};

struct QuantInfo {
  float qp_zp;
  float qp_scale;
  float limvals_min;
  float limvals_max;
};

struct VstreamParams {
  Format user_buffer_format;
  uint32_t timeout_ms;
  uint32_t queue_size;
  uint32_t vstream_stats_flags;
  uint32_t pipeline_elements_stats_flags;
};

struct InputVstreamParamsByName {
  char name[kMaxNameBytes];
  VstreamParams params;
};

struct OutputVstreamParamsByName {
  char name[kMaxNameBytes];
  VstreamParams params;
};

struct ImageShape {
  uint32_t height;
  uint32_t width;
  uint32_t features;
};

// From 4.21. In 4.20 offset 8 holds the mask size and 12 the order: only the first two fields mean the same in both.
struct NmsShape {
  uint32_t number_of_classes;
  uint32_t max_bboxes_per_class;
  uint32_t max_bboxes_total;
  uint32_t max_accumulated_mask_size;
};

struct VstreamInfo {
  char name[kMaxNameBytes];
  char network_name[257];
  Direction direction;
  Format format;
  union {
    ImageShape shape;
    NmsShape nms_shape;
  };
  QuantInfo quant_info;
};

#pragma pack(push, 1)
struct BboxFloat32 {
  float y_min;
  float x_min;
  float y_max;
  float x_max;
  float score;
};
#pragma pack(pop)

struct NetworkGroupInfo {
  char name[kMaxNameBytes];
  bool is_multi_context;
};

struct StreamRawBuffer {
  void* buffer;
  size_t size;
};

// The configure parameters differ between versions (84,488 bytes in 4.20–4.23) and are not declared: the library fills
// a zeroed block, and these fields of it may be changed (HEFs with one network group).
inline constexpr size_t kConfigureParamsBytes = 128 * 1024;
inline constexpr size_t kConfigureBatchSizeAt = 136;  // u16
inline constexpr size_t kConfigurePowerModeAt = 140;  // u32
inline constexpr size_t kConfigureLatencyAt = 144;    // u32 flags

using Device = struct DeviceTag*;
using Vdevice = struct VdeviceTag*;
using Hef = struct HefTag*;
using NetworkGroup = struct NetworkGroupTag*;
using InputVstream = struct InputVstreamTag*;
using OutputVstream = struct OutputVstreamTag*;

// X(result, name, arguments) for every function of the C API that we know, by the name behind `hailo_`.
#define HAILORT_FUNCTIONS(X)                                                                                  \
  X(Status, get_library_version, (Version * version))                                                         \
  X(const char*, get_status_message, (Status status))                                                         \
  X(Status, scan_devices, (void* params, DeviceId* ids, size_t* count))                                       \
  X(Status, create_device_by_id, (const DeviceId* id, Device* device))                                        \
  X(Status, release_device, (Device device))                                                                  \
  X(Status, identify, (Device device, DeviceIdentity * identity))                                             \
  X(Status, get_extended_device_information, (Device device, ExtendedDeviceInformation * information))        \
  X(Status, get_chip_temperature, (Device device, ChipTemperatureInfo * temperature))                         \
  X(Status, reset_device, (Device device, ResetMode mode))                                                    \
  X(Status, init_vdevice_params, (VdeviceParams * params))                                                    \
  X(Status, create_vdevice, (VdeviceParams * params, Vdevice * vdevice))                                      \
  X(Status, get_physical_devices, (Vdevice vdevice, Device * devices, size_t * count))                        \
  X(Status, vdevice_get_physical_devices_ids, (Vdevice vdevice, DeviceId * ids, size_t * count))              \
  X(Status, release_vdevice, (Vdevice vdevice))                                                               \
  X(Status, create_hef_file, (Hef * hef, const char* path))                                                   \
  X(Status, create_hef_buffer, (Hef * hef, const void* bytes, size_t size))                                   \
  X(Status, release_hef, (Hef hef))                                                                           \
  X(Status, hef_get_all_vstream_infos, (Hef hef, const char* name, VstreamInfo* infos, size_t* count))        \
  X(Status, get_network_groups_infos, (Hef hef, NetworkGroupInfo * infos, size_t * count))                    \
  X(Status, hef_get_bottleneck_fps, (Hef hef, const char* name, double* fps))                                 \
  X(Status, init_configure_params_by_vdevice, (Hef hef, Vdevice vdevice, void* params))                       \
  X(Status, configure_vdevice, (Vdevice vdevice, Hef hef, void* params, NetworkGroup* groups, size_t* count)) \
  X(Status, shutdown_network_group, (NetworkGroup group))                                                     \
  X(Status, set_scheduler_timeout, (NetworkGroup group, uint32_t timeout_ms, const char* name))               \
  X(Status, set_scheduler_threshold, (NetworkGroup group, uint32_t threshold, const char* name))              \
  X(Status, set_scheduler_priority, (NetworkGroup group, uint8_t priority, const char* name))                 \
  X(Status, make_input_vstream_params,                                                                        \
    (NetworkGroup group, bool unused, FormatType type, InputVstreamParamsByName* params, size_t* count))      \
  X(Status, make_output_vstream_params,                                                                       \
    (NetworkGroup group, bool unused, FormatType type, OutputVstreamParamsByName* params, size_t* count))     \
  X(Status, create_input_vstreams,                                                                            \
    (NetworkGroup group, const InputVstreamParamsByName* params, size_t count, InputVstream* vstreams))       \
  X(Status, create_output_vstreams,                                                                           \
    (NetworkGroup group, const OutputVstreamParamsByName* params, size_t count, OutputVstream* vstreams))     \
  X(Status, get_input_vstream_frame_size, (InputVstream vstream, size_t * size))                              \
  X(Status, get_output_vstream_frame_size, (OutputVstream vstream, size_t * size))                            \
  X(Status, get_input_vstream_info, (InputVstream vstream, VstreamInfo * info))                               \
  X(Status, get_output_vstream_info, (OutputVstream vstream, VstreamInfo * info))                             \
  X(Status, vstream_write_raw_buffer, (InputVstream vstream, const void* buffer, size_t size))                \
  X(Status, vstream_read_raw_buffer, (OutputVstream vstream, void* buffer, size_t size))                      \
  X(Status, vstream_set_nms_score_threshold, (OutputVstream vstream, float threshold))                        \
  X(Status, vstream_set_nms_iou_threshold, (OutputVstream vstream, float threshold))                          \
  X(Status, vstream_set_nms_max_proposals_per_class, (OutputVstream vstream, uint32_t most))                  \
  X(Status, release_input_vstreams, (const InputVstream* vstreams, size_t count))                             \
  X(Status, release_output_vstreams, (const OutputVstream* vstreams, size_t count))

static_assert(sizeof(VdeviceParams) == 40 && sizeof(DeviceIdentity) == 140 && sizeof(ExtendedDeviceInformation) == 96);
static_assert(sizeof(VstreamParams) == 28 && sizeof(InputVstreamParamsByName) == 156 && sizeof(VstreamInfo) == 436);
static_assert(sizeof(BboxFloat32) == 20 && sizeof(NetworkGroupInfo) == 129 && sizeof(ChipTemperatureInfo) == 12);
static_assert(offsetof(VstreamInfo, direction) == 388 && offsetof(VstreamInfo, quant_info) == 420);

}  // namespace hailort

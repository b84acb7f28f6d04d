#include <cstddef>
#include <cstdio>
#include <string_view>

#include "../abi.h"

// Prints the layout of abi.h as this compiler lays it out: {"structure": {"size": bytes, "fields": {"name": offset}}},
// under HailoRT's names; with the argument `align` each structure has its "align" too. test/hailort/abi.test.ts
// compares it with what was measured.
namespace {

bool withAlign = false;
bool firstStructure = true;
bool firstField = true;

void Begin(const char* name, size_t size, size_t align) {
  std::printf("%s\n  \"%s\": {\"size\": %zu, ", firstStructure ? "{" : ",", name, size);
  if (withAlign) std::printf("\"align\": %zu, ", align);
  std::printf("\"fields\": {");
  firstStructure = false;
  firstField = true;
}

void Field(const char* name, size_t offset) {
  std::printf("%s\"%s\": %zu", firstField ? "" : ", ", name, offset);
  firstField = false;
}

void End() { std::printf("}}"); }

}  // namespace

// Structure(HailoRT's name, ours, Field(name)...): offsetof on what the binding and the simulator are compiled with.
#define FIELD(name) Field(#name, offsetof(Here, name));
#define STRUCTURE(name, type, fields)         \
  {                                           \
    using Here = hailort::type;               \
    Begin(name, sizeof(Here), alignof(Here)); \
    fields End();                             \
  }

int main(int count, char** arguments) {
  withAlign = count > 1 && std::string_view(arguments[1]) == "align";
  STRUCTURE("version", Version, FIELD(major) FIELD(minor) FIELD(revision))
  STRUCTURE("device_id", DeviceId, FIELD(id))
  STRUCTURE("vdevice_params", VdeviceParams,
            FIELD(device_count) FIELD(device_ids) FIELD(scheduling_algorithm) FIELD(group_id)
                FIELD(multi_process_service))
  STRUCTURE("firmware_version", FirmwareVersion, FIELD(major) FIELD(minor) FIELD(revision))
  STRUCTURE("device_identity", DeviceIdentity,
            FIELD(protocol_version) FIELD(fw_version) FIELD(logger_version) FIELD(board_name_length) FIELD(board_name)
                FIELD(is_release) FIELD(extended_context_switch_buffer) FIELD(device_architecture)
                    FIELD(serial_number_length) FIELD(serial_number) FIELD(part_number_length) FIELD(part_number)
                        FIELD(product_name_length) FIELD(product_name))
  STRUCTURE("extended_device_information", ExtendedDeviceInformation,
            FIELD(neural_network_core_clock_rate) FIELD(supported_features) FIELD(boot_source) FIELD(soc_id) FIELD(lcs)
                FIELD(eth_mac_address) FIELD(unit_level_tracking_id) FIELD(soc_pm_values) FIELD(gpio_mask))
  STRUCTURE("chip_temperature_info", ChipTemperatureInfo,
            FIELD(ts0_temperature) FIELD(ts1_temperature) FIELD(sample_count))
  STRUCTURE("format", Format, FIELD(type) FIELD(order) FIELD(flags))
  STRUCTURE("quant_info", QuantInfo, FIELD(qp_zp) FIELD(qp_scale) FIELD(limvals_min) FIELD(limvals_max))
  STRUCTURE("vstream_params", VstreamParams,
            FIELD(user_buffer_format) FIELD(timeout_ms) FIELD(queue_size) FIELD(vstream_stats_flags)
                FIELD(pipeline_elements_stats_flags))
  STRUCTURE("input_vstream_params_by_name", InputVstreamParamsByName, FIELD(name) FIELD(params))
  STRUCTURE("output_vstream_params_by_name", OutputVstreamParamsByName, FIELD(name) FIELD(params))
  STRUCTURE("3d_image_shape", ImageShape, FIELD(height) FIELD(width) FIELD(features))
  STRUCTURE("nms_shape", NmsShape,
            FIELD(number_of_classes) FIELD(max_bboxes_per_class) FIELD(max_bboxes_total)
                FIELD(max_accumulated_mask_size))
  STRUCTURE("vstream_info", VstreamInfo,
            FIELD(name) FIELD(network_name) FIELD(direction) FIELD(format) FIELD(shape) FIELD(nms_shape)
                FIELD(quant_info))
  STRUCTURE("bbox_float32", BboxFloat32, FIELD(y_min) FIELD(x_min) FIELD(y_max) FIELD(x_max) FIELD(score))
  STRUCTURE("network_group_info", NetworkGroupInfo, FIELD(name) FIELD(is_multi_context))
  STRUCTURE("stream_raw_buffer", StreamRawBuffer, FIELD(buffer) FIELD(size))
  std::printf("\n}\n");
  return 0;
}

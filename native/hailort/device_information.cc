#include "device_information.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

namespace hailort {
namespace {

// By their numbers.
constexpr std::array kArchitectures = {"HAILO8_A0", "HAILO8",   "HAILO8L", "HAILO15H",
                                       "HAILO15L",  "HAILO15M", "HAILO10H"};
constexpr std::array kBootSources = {"unknown", "pcie", "flash"};

// Text of a fixed field, which need not end with a zero.
template <size_t kSize>
std::string Text(const char (&field)[kSize], uint8_t length) {
  return std::string(field, strnlen(field, std::min<size_t>(length, kSize)));
}

}  // namespace

DeviceIdentity Identify(const Api& api, Device device) {
  DeviceIdentity identity{};
  Check(api.identify(device, &identity), "identify");
  // A chip that came after us.
  if (static_cast<size_t>(identity.device_architecture) >= kArchitectures.size()) {
    Check(Status::kNotSupported, "identify");
  }
  return identity;
}

ExtendedDeviceInformation ExtendedInformation(const Api& api, Device device) {
  ExtendedDeviceInformation information{};
  Check(api.get_extended_device_information(device, &information), "get_extended_device_information");
  return information;
}

ChipTemperatureInfo Temperature(const Api& api, Device device) {
  ChipTemperatureInfo temperature{};
  Check(api.get_chip_temperature(device, &temperature), "get_chip_temperature");
  return temperature;
}

Napi::Value IdentityToJs(Napi::Env env, const DeviceIdentity& identity) {
  Napi::Object answer = Napi::Object::New(env);
  const FirmwareVersion& firmware = identity.fw_version;
  answer.Set("architecture", kArchitectures[static_cast<size_t>(identity.device_architecture)]);
  answer.Set("firmwareVersion", ToString(Version{firmware.major, firmware.minor, firmware.revision}));
  answer.Set("boardName", Text(identity.board_name, identity.board_name_length));
  answer.Set("serialNumber", Text(identity.serial_number, identity.serial_number_length));
  answer.Set("partNumber", Text(identity.part_number, identity.part_number_length));
  answer.Set("productName", Text(identity.product_name, identity.product_name_length));
  return answer;
}

Napi::Value ExtendedInformationToJs(Napi::Env env, const ExtendedDeviceInformation& information) {
  std::string socId;
  for (const uint8_t byte : information.soc_id) {
    constexpr const char* kDigits = "0123456789abcdef";
    socId += {kDigits[byte >> 4], kDigits[byte & 15]};
  }
  const size_t source = information.boot_source;
  Napi::Object answer = Napi::Object::New(env);
  answer.Set("coreClockHz", information.neural_network_core_clock_rate);
  answer.Set("bootSource", kBootSources[source < kBootSources.size() ? source : 0]);
  answer.Set("socId", socId);
  return answer;
}

Napi::Value TemperatureToJs(Napi::Env env, const ChipTemperatureInfo& temperature) {
  Napi::Object answer = Napi::Object::New(env);
  answer.Set("ts0", temperature.ts0_temperature);
  answer.Set("ts1", temperature.ts1_temperature);
  return answer;
}

}  // namespace hailort

#include <cstring>

#include "entry_points.h"
#include "machine.h"

namespace hailort {

namespace {

// The names fill their fields: no zero at the end where they are as long as the field.
template <size_t kSize>
uint8_t Fill(char (&field)[kSize], const std::string& text) {
  const size_t size = std::min(text.size(), kSize);
  std::memcpy(field, text.data(), size);
  return static_cast<uint8_t>(size);
}

DeviceIdentity Identify(const DeviceFacts& device) {
  Machine& machine = Machine::Get();
  DeviceIdentity identity{};
  identity.protocol_version = 2;
  const Version& version = machine.settings().version;
  identity.fw_version = {version.major, version.minor, version.revision};
  identity.board_name_length = Fill(identity.board_name, "Hailo-8");
  identity.is_release = true;
  identity.device_architecture = machine.ChipOf(device);
  const bool small = identity.device_architecture == Architecture::kHailo8L;
  const auto index = machine.FindDevice(device.id) - machine.settings().devices.data();
  identity.serial_number_length = Fill(identity.serial_number, "HCSIM0000000000" + std::to_string(index));
  identity.part_number_length = Fill(identity.part_number, small ? "HM21LB1C2FAE" : "HM218B1C2FAE");
  identity.product_name_length = Fill(identity.product_name, small ? "HAILO-8L AI ACC M.2 B+M KEY MODULE EXT TMP"
                                                                   : "HAILO-8 AI ACC M.2 B+M KEY MODULE EXT TEMP");
  return identity;
}

ExtendedDeviceInformation DescribeFurther() {
  ExtendedDeviceInformation information{};
  information.neural_network_core_clock_rate = 400'000'000;
  information.boot_source = 1;  // PCIe
  information.lcs = 2;
  return information;
}

std::shared_ptr<OpenDevice> Reach(Device handle) {
  Machine& machine = Machine::Get();
  auto device = machine.devices.Get(handle);
  Require(!machine.control().Find(FaultKind::kLost, device->facts.id), Status::kDriverOperationFailed);
  return device;
}

}  // namespace

Status hailo_scan_devices(void*, DeviceId* ids, size_t* count) {
  return Answer([&] {
    RequirePointers(ids, count);
    GiveAll(Machine::Get().Scan(), ids, count);
  });
}

Status hailo_create_device_by_id(const DeviceId* id, Device* device) {
  return Answer([&] {
    RequirePointers(id, device);
    Machine& machine = Machine::Get();
    const DeviceFacts* facts = machine.FindDevice({id->id, strnlen(id->id, sizeof id->id)});
    Require(facts != nullptr, Status::kInvalidArgument);
    machine.RequireOpenable(*facts);
    *device = machine.devices.Add(std::make_shared<OpenDevice>(*facts, false));
  });
}

Status hailo_release_device(Device device) {
  return Answer([&] {
    Machine& machine = Machine::Get();
    Require(!machine.devices.Get(device)->ofVdevice, Status::kInvalidArgument);
    machine.devices.Remove(device);
  });
}

Status hailo_identify(Device device, DeviceIdentity* identity) {
  return Answer([&] {
    RequirePointers(device, identity);
    *identity = Identify(Reach(device)->facts);
  });
}

Status hailo_get_extended_device_information(Device device, ExtendedDeviceInformation* information) {
  return Answer([&] {
    RequirePointers(device, information);
    Reach(device);
    const ExtendedDeviceInformation all = DescribeFurther();
    constexpr size_t kOldBytes = 92;
    std::memcpy(information, &all, Machine::Get().settings().old() ? kOldBytes : sizeof all);
  });
}

Status hailo_get_chip_temperature(Device device, ChipTemperatureInfo* temperature) {
  return Answer([&] {
    RequirePointers(device, temperature);
    const float celsius = Machine::Get().Celsius(Reach(device)->facts);
    *temperature = {celsius, celsius + 0.4f, 1};
  });
}

Status hailo_reset_device(Device device, ResetMode mode) {
  return Answer([&] {
    RequirePointers(device);
    Require(mode <= ResetMode::kForcedSoft, Status::kInvalidArgument);
    Reach(device);
  });
}

}  // namespace hailort

#include "machine.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

using hailort::Architecture;
using hailort::Status;

namespace {

constexpr float kHottestCelsius = 110;

std::string ControlPath() {
  const char* path = std::getenv("HAILORT_SIM_CONTROL");
  return path == nullptr ? "" : path;
}

}  // namespace

Machine::Machine() : control_(ControlPath()) {}

Machine& Machine::Get() {
  // Never destroyed: threads of the program may still be inside while the process ends.
  static Machine* const machine = std::make_unique<Machine>().release();
  return *machine;
}

std::vector<hailort::DeviceId> Machine::Scan() {
  std::vector<hailort::DeviceId> ids;
  for (const DeviceFacts& device : settings().devices) {
    if (control_.Find(FaultKind::kLost, device.id)) continue;
    hailort::DeviceId& id = ids.emplace_back();
    std::memcpy(id.id, device.id.c_str(), device.id.size() + 1);
  }
  return ids;
}

const DeviceFacts* Machine::FindDevice(const std::string& id) const {
  const auto& devices = settings().devices;
  const auto found = std::find_if(devices.begin(), devices.end(), [&](const auto& device) { return device.id == id; });
  return found == devices.end() ? nullptr : &*found;
}

Architecture Machine::ChipOf(const DeviceFacts& device) {
  if (!control_.Find(FaultKind::kWrongArch, device.id)) return device.chip;
  return device.chip == Architecture::kHailo8L ? Architecture::kHailo8 : Architecture::kHailo8L;
}

void Machine::RequireOpenable(const DeviceFacts& device) {
  Require(!control_.Find(FaultKind::kLost, device.id), Status::kDriverOperationFailed);
  Require(!control_.Find(FaultKind::kVersionMismatch, device.id), Status::kDriverVersionMismatch);
}

std::shared_ptr<ChipOwner> Machine::OpenChip(const hailort::VdeviceParams& params) {
  Require(params.device_count > 0, Status::kInvalidArgument);
  // It wants hailort.service, which nobody runs.
  Require(!params.multi_process_service, Status::kInvalidOperation);
  if (params.scheduling_algorithm != hailort::SchedulingAlgorithm::kRoundRobin) {
    Say("only the scheduler ROUND_ROBIN is simulated");
    throw StatusError{Status::kNotSupported};
  }
  const std::string groupId = params.group_id == nullptr ? "UNIQUE" : params.group_id;
  const std::lock_guard lock(mutex_);
  if (groupId != "UNIQUE") {
    if (auto shared = byGroupId_[groupId].lock()) return shared;
  }
  if (params.device_ids == nullptr) {
    Require(params.device_count <= settings().devices.size(), Status::kOutOfPhysicalDevices);
  }
  auto owner = params.device_ids == nullptr && params.device_count == 1 ? OpenFirstFree() : OpenChosen(params);
  if (groupId != "UNIQUE") byGroupId_[groupId] = owner;
  return owner;
}

std::shared_ptr<ChipOwner> Machine::OpenFirstFree() {
  Status refused = Status::kOutOfPhysicalDevices;
  for (const DeviceFacts& device : settings().devices) {
    if (control_.Find(FaultKind::kLost, device.id)) {
      refused = Status::kDriverOperationFailed;
      continue;
    }
    RequireOpenable(device);
    if (auto owner = TryOpen(device)) return owner;
  }
  throw StatusError{refused};
}

std::shared_ptr<ChipOwner> Machine::OpenChosen(const hailort::VdeviceParams& params) {
  const DeviceFacts* chosen = nullptr;
  for (uint32_t i = 0; params.device_ids != nullptr && i < params.device_count; i++) {
    const char* id = params.device_ids[i].id;
    chosen = FindDevice({id, strnlen(id, sizeof params.device_ids[i].id)});
    Require(chosen != nullptr, Status::kInvalidArgument);
  }
  if (chosen == nullptr) chosen = &settings().devices.at(0);  // several of any: there are as many
  if (params.device_count > 1) {
    // As the library does for the 8L; for others it could, the simulator cannot.
    Require(chosen->chip != Architecture::kHailo8L, Status::kInvalidOperation);
    Say("one vdevice over several devices is not simulated: open one for each");
    throw StatusError{Status::kNotSupported};
  }
  RequireOpenable(*chosen);
  auto owner = TryOpen(*chosen);
  Require(owner != nullptr, Status::kDeviceInUse);
  return owner;
}

std::shared_ptr<ChipOwner> Machine::TryOpen(const DeviceFacts& device) {
  if (control_.Find(FaultKind::kBusy, device.id)) return nullptr;
  auto lock = DeviceLock::Take(control_.path(), device.id);
  if (lock == nullptr) return nullptr;
  auto chip = std::make_shared<Chip>(control_, device, std::move(lock));
  byDeviceId_[device.id] = chip;
  return std::make_shared<ChipOwner>(std::move(chip));
}

float Machine::Celsius(const DeviceFacts& device) {
  std::shared_ptr<Chip> chip;
  {
    const std::lock_guard lock(mutex_);
    chip = byDeviceId_[device.id].lock();
  }
  const float celsius = chip == nullptr ? Heat::kRestCelsius : chip->Celsius();
  const auto ramp = control_.Find(FaultKind::kTemperatureRamp, device.id);
  if (!ramp) return celsius;
  const auto rise = static_cast<float>(std::max(0.0, ramp->ageSeconds()) * ramp->degreesPerSecond);
  return std::min(kHottestCelsius, celsius + rise);
}

#include <cstring>

#include "entry_points.h"
#include "machine.h"

namespace hailort {

namespace {

// hailo_configure_params_t of 4.x and of 5.x; the first field counts the groups, then comes the first group's name.
constexpr size_t kParamsBytes = 84'488, kLaterParamsBytes = 64'008;
constexpr size_t kGroupNameAt = 8;

struct ConfigureWishes {
  uint16_t batchSize = 0;  // HAILO_DEFAULT_BATCH_SIZE
  uint32_t powerMode = 0;
};

ConfigureWishes ReadParams(const uint8_t* params, const Network& network) {
  ConfigureWishes wishes;
  uint64_t groups;
  std::memcpy(&groups, params, sizeof groups);
  const auto* name = reinterpret_cast<const char*>(params) + kGroupNameAt;
  Require(groups == 1 && network.name == std::string(name, strnlen(name, kMaxNameBytes)), Status::kInvalidArgument);
  std::memcpy(&wishes.batchSize, params + kConfigureBatchSizeAt, sizeof wishes.batchSize);
  std::memcpy(&wishes.powerMode, params + kConfigurePowerModeAt, sizeof wishes.powerMode);
  Require(wishes.powerMode <= static_cast<uint32_t>(PowerMode::kUltraPerformance), Status::kInvalidArgument);
  return wishes;
}

// Sets something of the scheduler, which takes NULL for the name.
template <typename Change>
Status SetScheduler(NetworkGroup handle, const char* name, const Change& change) {
  return Answer([&] {
    const auto open = Machine::Get().groups.Get(handle);
    const std::string& network = open->group->network().name;
    Require(name == nullptr || network == name || network + "/" + network == name, Status::kNotFound);
    const std::lock_guard lock(open->chip->monitor().mutex);
    change(*open->group);
    open->chip->monitor().WakeIfIdle();
  });
}

}  // namespace

Status hailo_init_configure_params_by_vdevice(Hef hef, Vdevice vdevice, void* params) {
  return Answer([&] {
    RequirePointers(hef, vdevice, params);
    Machine& machine = Machine::Get();
    machine.vdevices.Get(vdevice);
    const std::string& name = machine.hefs.Get(hef)->network.name;
    auto* bytes = static_cast<uint8_t*>(params);
    const uint64_t groups = 1;
    std::memset(bytes, 0, machine.settings().version.major < 5 ? kParamsBytes : kLaterParamsBytes);
    std::memcpy(bytes, &groups, sizeof groups);
    std::memcpy(bytes + kGroupNameAt, name.c_str(), name.size());
  });
}

Status hailo_configure_vdevice(Vdevice vdevice, Hef hef, void* params, NetworkGroup* groups, size_t* count) {
  return Answer([&] {
    RequirePointers(vdevice, hef, groups, count);
    Machine& machine = Machine::Get();
    const auto open = machine.vdevices.Get(vdevice);
    const auto file = machine.hefs.Get(hef);
    // 5.x serves other chips, and those not through this API.
    Require(machine.settings().version.major < 5, Status::kNotImplemented);
    const auto& chip = open->owner->chip();
    const Status unfit = machine.settings().old() ? Status::kInvalidHef : Status::kHefNotCompatibleWithDevice;
    const bool wrongArch = machine.control().Find(FaultKind::kWrongArch, chip->facts().id).has_value();
    Require(!wrongArch && file->FitsChip(chip->facts().chip), unfit);
    const auto wishes =
        params == nullptr ? ConfigureWishes{} : ReadParams(static_cast<uint8_t*>(params), file->network);
    Require(std::exchange(*count, 1) >= 1, Status::kInsufficientBuffer);
    auto group = std::make_shared<OpenGroup>();
    group->chip = chip;
    group->group = chip->Configure(file, wishes.batchSize);
    groups[0] = machine.groups.Add(group);
    const std::lock_guard lock(open->mutex);
    open->groups.push_back(std::move(group));
  });
}

Status hailo_shutdown_network_group(NetworkGroup group) {
  return Answer([&] {
    const auto open = Machine::Get().groups.Get(group);
    open->chip->Shutdown(*open->group);
  });
}

Status hailo_set_scheduler_timeout(NetworkGroup group, uint32_t timeout_ms, const char* name) {
  return SetScheduler(group, name, [&](Group& target) { target.thresholdTimeoutMs = timeout_ms; });
}

Status hailo_set_scheduler_threshold(NetworkGroup group, uint32_t threshold, const char* name) {
  return SetScheduler(group, name, [&](Group& target) { target.threshold = threshold; });
}

Status hailo_set_scheduler_priority(NetworkGroup group, uint8_t priority, const char* name) {
  constexpr uint8_t kHighest = 31;  // HAILO_SCHEDULER_PRIORITY_MAX
  return SetScheduler(group, name, [&](Group& target) {
    Require(priority <= kHighest, Status::kInvalidArgument);
    target.priority = priority;
  });
}

}  // namespace hailort

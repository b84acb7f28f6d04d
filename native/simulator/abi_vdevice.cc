#include <cstring>

#include "entry_points.h"
#include "machine.h"

namespace hailort {

namespace {

// HAILO_UNIQUE_VDEVICE_GROUP_ID
constexpr VdeviceParams kDefaults{1, nullptr, SchedulingAlgorithm::kRoundRobin, "UNIQUE", false};

}  // namespace

Status hailo_init_vdevice_params(VdeviceParams* params) {
  return Answer([&] {
    RequirePointers(params);
    *params = kDefaults;
  });
}

Status hailo_create_vdevice(VdeviceParams* params, Vdevice* vdevice) {
  return Answer([&] {
    RequirePointers(vdevice);
    Machine& machine = Machine::Get();
    auto open = std::make_shared<OpenVdevice>();
    open->owner = machine.OpenChip(params == nullptr ? kDefaults : *params);
    open->device = machine.devices.Add(std::make_shared<OpenDevice>(open->owner->chip()->facts(), true));
    *vdevice = machine.vdevices.Add(std::move(open));
  });
}

Status hailo_get_physical_devices(Vdevice vdevice, Device* devices, size_t* count) {
  return Answer([&] {
    RequirePointers(vdevice, devices, count);
    GiveAll(std::vector{Machine::Get().vdevices.Get(vdevice)->device}, devices, count);
  });
}

Status hailo_vdevice_get_physical_devices_ids(Vdevice vdevice, DeviceId* ids, size_t* count) {
  return Answer([&] {
    RequirePointers(vdevice, ids, count);
    const std::string& text = Machine::Get().vdevices.Get(vdevice)->owner->chip()->facts().id;
    std::vector<DeviceId> all(1);
    std::memcpy(all[0].id, text.c_str(), text.size() + 1);
    GiveAll(all, ids, count);
  });
}

Status hailo_release_vdevice(Vdevice vdevice) {
  return Answer([&] {
    Machine& machine = Machine::Get();
    const auto open = machine.vdevices.Remove(vdevice);
    for (const auto& group : open->groups) {
      if (group->callsInside > 0) {
        Die("release_vdevice while a vstream of \"" + group->group->network().name +
            "\" is being written or read: HailoRT would use freed memory");
      }
      machine.groups.RemoveIf([&](const OpenGroup& other) { return &other == group.get(); });
      open->owner->chip()->Remove(group->group);
    }
    machine.devices.Remove(open->device);
    open->owner = nullptr;
  });
}

}  // namespace hailort

#include "vdevice.h"

#include <cstring>

#include "counted.h"
#include "reaper.h"

namespace hailort {
namespace {

DeviceId IdFrom(const std::string& text) {
  DeviceId id{};
  // No device has such an id: HailoRT's own answer to one that it does not find.
  if (text.empty() || text.size() >= sizeof(id.id) || text.find('\0') != std::string::npos)
    Check(Status::kInvalidArgument, "create_vdevice");
  std::memcpy(id.id, text.data(), text.size());
  return id;
}

std::vector<std::string> TextsOf(const std::vector<DeviceId>& ids) {
  std::vector<std::string> texts;
  for (const DeviceId& id : ids) texts.emplace_back(id.id, strnlen(id.id, sizeof(id.id)));
  return texts;
}

}  // namespace

std::vector<std::string> ScanDevices(const Library& library) {
  const auto scan = [&](DeviceId* ids, size_t* count) { return library.api().scan_devices(nullptr, ids, count); };
  return TextsOf(AllOf<DeviceId>(scan, "scan_devices"));
}

std::shared_ptr<OpenVdevice> OpenVdevice::Open(const std::optional<std::string>& deviceId,
                                               const std::optional<std::string>& groupId) {
  const Library& library = Library::Get();
  Reaper::Get().Start();
  const Api& api = library.api();
  const std::shared_ptr<OpenVdevice> opened(std::make_unique<OpenVdevice>(library).release(),
                                            &Reaper::Destroy<OpenVdevice>);
  VdeviceParams params{};
  Check(api.init_vdevice_params(&params), "init_vdevice_params");
  params.device_count = 1;
  params.scheduling_algorithm = SchedulingAlgorithm::kRoundRobin;
  params.multi_process_service = false;
  DeviceId id{};
  if (deviceId) {
    id = IdFrom(*deviceId);
    params.device_ids = &id;
  }
  if (groupId) params.group_id = groupId->c_str();
  Check(api.create_vdevice(&params, &opened->handle_), "create_vdevice");
  opened->FindDevices();
  return opened;
}

void OpenVdevice::FindDevices() {
  devices_ =
      AllOf<Device>([&](Device* devices, size_t* count) { return api().get_physical_devices(handle_, devices, count); },
                    "get_physical_devices");
  ids_ = TextsOf(AllOf<DeviceId>(
      [&](DeviceId* ids, size_t* count) { return api().vdevice_get_physical_devices_ids(handle_, ids, count); },
      "vdevice_get_physical_devices_ids"));
  if (devices_.empty() || devices_.size() != ids_.size()) Check(Status::kInternalFailure, "get_physical_devices");
}

OpenVdevice::~OpenVdevice() {
  // A status is of no use here: there is no other way to let go of it.
  if (handle_ != nullptr) api().release_vdevice(handle_);
  if (released_) released_();
}

}  // namespace hailort

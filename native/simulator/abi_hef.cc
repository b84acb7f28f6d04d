#include <cstring>

#include "entry_points.h"
#include "machine.h"
#include "vstream_info.h"

namespace hailort {

namespace {

// The name of a network or group may be given; NULL means the only one.
void RequireName(const Network& network, const char* name) {
  Require(name == nullptr || network.name == name || network.name + "/" + network.name == name, Status::kNotFound);
}

}  // namespace

Status hailo_create_hef_file(Hef* hef, const char* path) {
  return Answer([&] {
    RequirePointers(hef, path);
    Machine& machine = Machine::Get();
    *hef = machine.hefs.Add(std::make_shared<HefFile>(ReadHef(path, machine.settings().old())));
  });
}

Status hailo_create_hef_buffer(Hef* hef, const void* bytes, size_t size) {
  return Answer([&] {
    RequirePointers(hef, bytes);
    Machine& machine = Machine::Get();
    const std::span content(static_cast<const uint8_t*>(bytes), size);
    *hef = machine.hefs.Add(std::make_shared<HefFile>(ParseHef(content, machine.settings().old())));
  });
}

Status hailo_release_hef(Hef hef) {
  return Answer([&] { Machine::Get().hefs.Remove(hef); });
}

Status hailo_hef_get_all_vstream_infos(Hef hef, const char* name, VstreamInfo* infos, size_t* count) {
  return Answer([&] {
    RequirePointers(hef, infos, count);
    Machine& machine = Machine::Get();
    const Network& network = machine.hefs.Get(hef)->network;
    RequireName(network, name);
    GiveAll(DescribeAll(network, machine.settings().old()), infos, count);
  });
}

Status hailo_get_network_groups_infos(Hef hef, NetworkGroupInfo* infos, size_t* count) {
  return Answer([&] {
    RequirePointers(hef, infos, count);
    const std::string& name = Machine::Get().hefs.Get(hef)->network.name;
    std::vector<NetworkGroupInfo> all(1);
    std::memcpy(all[0].name, name.c_str(), name.size() + 1);
    GiveAll(all, infos, count);
  });
}

// What the chip reaches with the largest batch; a network that takes no time has no bottleneck to tell.
Status hailo_hef_get_bottleneck_fps(Hef hef, const char* name, double* fps) {
  return Answer([&] {
    RequirePointers(hef, fps);
    const auto file = Machine::Get().hefs.Get(hef);
    RequireName(file->network, name);
    Require(!file->network.fps.empty(), Status::kNotSupported);
    *fps = file->network.fps.rbegin()->second;
  });
}

}  // namespace hailort

#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "library.h"

namespace hailort {

// The ids of all devices of this machine, held by somebody or not. Blocks: libuv worker only.
std::vector<std::string> ScanDevices(const Library& library);

// One opened virtual device of HailoRT and the physical ones behind it. Shared: whoever uses the handle (the JavaScript
// object, a call under way, every model configured on it) holds it, and it is released (release_vdevice, which frees
// its configured groups too) when nobody does. The last reference may be dropped on any thread, a garbage collection
// included: the release itself always runs on the reaper's thread.
class OpenVdevice {
 public:
  // Blocks while the device is opened: libuv worker only. `deviceId`: that device, else any free one. `groupId`: other
  // than HailoRT's own "UNIQUE". One process, scheduler ROUND_ROBIN. Throws what Library::Get and Check throw.
  static std::shared_ptr<OpenVdevice> Open(const std::optional<std::string>& deviceId,
                                           const std::optional<std::string>& groupId);
  // Not opened yet: use Open.
  explicit OpenVdevice(const Library& library) : library_(library) {}
  ~OpenVdevice();
  OpenVdevice(const OpenVdevice&) = delete;
  OpenVdevice& operator=(const OpenVdevice&) = delete;

  // Models are configured on it. A configured group lives until the vdevice is released: hold this object for as long.
  Vdevice handle() const { return handle_; }
  const Library& library() const { return library_; }
  const Api& api() const { return library_.api(); }
  // The physical devices, owned by the vdevice; as many as ids(), at least one.
  const std::vector<Device>& devices() const { return devices_; }
  const std::vector<std::string>& ids() const { return ids_; }

  // `released` is called on the reaper's thread after the release. Once, before the last reference is dropped.
  void TellRelease(std::function<void()> released) { released_ = std::move(released); }

 private:
  void FindDevices();

  const Library& library_;
  Vdevice handle_ = nullptr;
  std::vector<Device> devices_;
  std::vector<std::string> ids_;
  std::function<void()> released_;
};

}  // namespace hailort

#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "../hailort/abi.h"
#include "chip.h"
#include "control.h"
#include "handles.h"

// A device handle: opened by its id, or lent by a vdevice.
struct OpenDevice {
  DeviceFacts facts;
  bool ofVdevice;
};

// Gives the chip back when the last vdevice that shares it is released, though vstreams may still be there.
class ChipOwner {
 public:
  explicit ChipOwner(std::shared_ptr<Chip> chip) : chip_(std::move(chip)) {}
  ~ChipOwner() { chip_->Close(); }
  ChipOwner(const ChipOwner&) = delete;
  ChipOwner& operator=(const ChipOwner&) = delete;

  const std::shared_ptr<Chip>& chip() const { return chip_; }

 private:
  const std::shared_ptr<Chip> chip_;
};

struct OpenGroup {
  std::shared_ptr<Chip> chip;  // whose monitor the group uses
  std::shared_ptr<Group> group;
  std::atomic<int> callsInside{0};  // of its vstreams
};

struct OpenVdevice {
  std::shared_ptr<ChipOwner> owner;
  hailort::Device device;  // what get_physical_devices lends
  std::mutex mutex;
  std::vector<std::shared_ptr<OpenGroup>> groups;
};

template <typename Port>
struct OpenVstream {
  std::shared_ptr<OpenGroup> group;
  std::shared_ptr<Port> port;
  std::atomic<int> callsInside{0};
};

// Everything the library has in this process. Made when the library is first used and never destroyed, as HailoRT's
// threads outlive main, too. Any thread.
class Machine {
 public:
  static Machine& Get();
  Machine();

  Control& control() { return control_; }
  const Settings& settings() const { return control_.settings(); }

  // Devices that a scan finds: all but the lost ones.
  std::vector<hailort::DeviceId> Scan();
  // NULL: there is none with this id.
  const DeviceFacts* FindDevice(const std::string& id) const;
  // The chip as `identify` tells it.
  hailort::Architecture ChipOf(const DeviceFacts& device);
  // Throws StatusError: kDriverOperationFailed (lost), kDriverVersionMismatch.
  void RequireOpenable(const DeviceFacts& device);
  // The chip for a vdevice. Throws StatusError, those above and kDeviceInUse, kOutOfPhysicalDevices, kInvalidArgument,
  // kInvalidOperation, kNotSupported.
  std::shared_ptr<ChipOwner> OpenChip(const hailort::VdeviceParams& params);
  float Celsius(const DeviceFacts& device);

  Handles<hailort::Device, OpenDevice> devices{"a device"};
  Handles<hailort::Vdevice, OpenVdevice> vdevices{"a vdevice"};
  Handles<hailort::Hef, const HefFile> hefs{"a HEF"};
  Handles<hailort::NetworkGroup, OpenGroup> groups{"a network group"};
  Handles<hailort::InputVstream, OpenVstream<InputPort>> inputs{"an input vstream"};
  Handles<hailort::OutputVstream, OpenVstream<OutputPort>> outputs{"an output vstream"};

 private:
  std::shared_ptr<ChipOwner> OpenFirstFree();
  std::shared_ptr<ChipOwner> OpenChosen(const hailort::VdeviceParams& params);
  // NULL: in use.
  std::shared_ptr<ChipOwner> TryOpen(const DeviceFacts& device);

  Control control_;
  std::mutex mutex_;
  std::map<std::string, std::weak_ptr<ChipOwner>> byGroupId_;
  std::map<std::string, std::weak_ptr<Chip>> byDeviceId_;
};

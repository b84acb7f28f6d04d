#pragma once

#include <memory>
#include <thread>
#include <vector>

#include "control.h"
#include "device_lock.h"
#include "group.h"
#include "heat.h"
#include "link.h"

// An opened device: a thread that works through the frames of its network groups in simulated time. The schedule is
// absolute: a batch begins when the one before has ended, however late this thread woke up, so that lateness never adds
// up while there is work. Owners: the vdevices that share it, its groups. Any thread.
class Chip {
 public:
  Chip(Control& control, DeviceFacts facts, std::unique_ptr<DeviceLock> lock);
  // Closed before, by Close.
  ~Chip();

  const DeviceFacts& facts() const { return facts_; }
  Monitor& monitor() { return monitor_; }

  // Throws StatusError kDriverOperationFailed when the device is lost.
  std::shared_ptr<Group> Configure(std::shared_ptr<const HefFile> hef, uint16_t batchSize);
  // One-way. Wakes blocked calls at once; lasts while the chip is stalled, up to 10 s for each frame in it.
  void Shutdown(Group& group);
  // Shuts it down and forgets it.
  void Remove(const std::shared_ptr<Group>& group);
  // Shuts all groups down, ends the thread, gives the device back.
  void Close();

  float Celsius();

 private:
  void Run();
  bool WorkOnBatch(std::unique_lock<std::mutex>& lock, Time now);
  std::shared_ptr<Group> ChooseGroup(Time now);
  Time DueOf(const Group& group, Time end);
  void Sleep(std::unique_lock<std::mutex>& lock, Time now, bool stalled);

  Control& control_;
  const DeviceFacts facts_;
  std::unique_ptr<DeviceLock> lock_;
  Link link_;
  Monitor monitor_;
  // Guarded by the monitor.
  Heat heat_;
  std::vector<std::shared_ptr<Group>> groups_;
  size_t nextGroup_ = 0;
  Time busyUntil_{};
  bool lost_ = false;
  bool closed_ = false;

  std::thread thread_;
};

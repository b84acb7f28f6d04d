#pragma once

#include <sys/stat.h>

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "clock.h"
#include "fault.h"
#include "settings.h"

// The file named by HAILORT_SIM_CONTROL. Without it, or with `{}` in it, there is one device and no fault. What is
// wrong in it is said once on stderr and then taken for `{}`. Any thread.
class Control {
 public:
  // How old what it knows may be: the file is looked at no more often.
  static constexpr std::chrono::milliseconds kLookEvery{20};

  // Reads the file for the first time. `path` may be empty.
  explicit Control(std::string path);

  const Settings& settings() const { return settings_; }
  const std::string& path() const { return path_; }
  bool watched() const { return !path_.empty(); }

  std::shared_ptr<const Orders> orders();
  // The fault of this kind that `device` has at this moment.
  std::optional<Fault> Find(FaultKind kind, const std::string& device);

 private:
  void Read(bool first);

  const std::string path_;
  Settings settings_;
  std::mutex mutex_;
  Time looked_{};
  struct stat seen_ {};
  std::shared_ptr<const Orders> orders_ = std::make_shared<Orders>();
};

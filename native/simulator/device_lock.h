#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/file_descriptor.h"

// What makes a device have one owner: a lock on a file per device, beside the control file, that dies with its holder.
// It also remembers how often a fault that is used up by happening has happened, for the process that comes next.
// Owner: the opened chip. One thread at a time.
class DeviceLock {
 public:
  // NULL: somebody else has it. Throws StatusError kDriverOperationFailed where no such file can be made.
  static std::unique_ptr<DeviceLock> Take(const std::string& controlPath, const std::string& deviceId);

  explicit DeviceLock(int file) : file_(file) {}

  // Whether a fault with this content may happen once more, of `times` in all.
  bool Use(const std::string& content, uint32_t times);

 private:
  const FileDescriptor file_;
};

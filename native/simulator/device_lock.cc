#include "device_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <sstream>

#include "status_error.h"

namespace {

[[noreturn]] void Refuse(const std::string& path) {
  Say("cannot use " + path + ": " + std::strerror(errno));
  throw StatusError{hailort::Status::kDriverOperationFailed};
}

// Where locks lie when there is no control file: a folder of this user alone.
std::string UserFolder() {
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");
  const std::string folder = runtime != nullptr && *runtime != '\0' ? std::string(runtime) + "/hailort-sim"
                                                                    : "/tmp/hailort-sim-" + std::to_string(getuid());
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) Refuse(folder);
  struct stat found {};
  if (lstat(folder.c_str(), &found) != 0) Refuse(folder);
  // In /tmp anybody could have made it.
  if (!S_ISDIR(found.st_mode) || found.st_uid != getuid()) {
    errno = EPERM;
    Refuse(folder);
  }
  return folder;
}

}  // namespace

std::unique_ptr<DeviceLock> DeviceLock::Take(const std::string& controlPath, const std::string& deviceId) {
  const std::string path =
      controlPath.empty() ? UserFolder() + "/" + deviceId + ".lock" : controlPath + "." + deviceId + ".lock";
  auto lock = std::make_unique<DeviceLock>(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (lock->file_.get() < 0) Refuse(path);
  int refused;
  do {
    refused = flock(lock->file_.get(), LOCK_EX | LOCK_NB);
  } while (refused != 0 && errno == EINTR);
  if (refused == 0) return lock;
  if (errno != EWOULDBLOCK) Refuse(path);
  return nullptr;
}

bool DeviceLock::Use(const std::string& content, uint32_t times) {
  char text[256] = {};
  const ssize_t size = pread(file_.get(), text, sizeof text - 1, 0);
  std::istringstream words(size > 0 ? text : "");
  std::string seen;
  uint32_t used = 0;
  if (!(words >> seen >> used) || seen != content) used = 0;
  if (used >= times) return false;
  const std::string line = content + " " + std::to_string(used + 1) + "\n";
  const bool kept = ftruncate(file_.get(), 0) == 0 &&
                    pwrite(file_.get(), line.data(), line.size(), 0) == static_cast<ssize_t>(line.size());
  if (!kept) Say("cannot remember that a fault has happened: it may happen once more");
  return true;
}

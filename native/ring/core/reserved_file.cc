#include "reserved_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "file_descriptor.h"
#include "native_error.h"

void ThrowFileError(int error, const std::string& what, const std::string& path) {
  const char* code = "RING_IO";
  if (error == EEXIST) code = "RING_EXISTS";
  if (error == ENOENT) code = "RING_MISSING";
  if (error == ENOSPC || error == EDQUOT || error == ENOMEM) code = "RING_NO_SPACE";
  throw NativeError(code, what + " " + path + ": " + std::generic_category().message(error));
}

void CreateReservedFile(const std::string& path, uint64_t bytes, const std::function<void(int fd)>& fill) {
  const FileDescriptor file(open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (file.get() < 0) ThrowFileError(errno, "cannot create", path);
  try {
    int error;
    do {
      error = posix_fallocate(file.get(), 0, static_cast<off_t>(bytes));
    } while (error == EINTR);
    if (error != 0) ThrowFileError(error, "cannot reserve " + std::to_string(bytes) + " bytes for", path);
    fill(file.get());
  } catch (...) {
    unlink(path.c_str());
    throw;
  }
}

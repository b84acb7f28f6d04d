#include "doorbell_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>

#include "file_descriptor.h"
#include "futex.h"
#include "layout.h"
#include "native_error.h"
#include "reserved_file.h"

namespace {
constexpr uint32_t kMaxDoorbells = 65536;
}

void CreateDoorbells(const std::string& path, uint32_t count) {
  if (count == 0 || count > kMaxDoorbells) throw NativeError("RING_FORMAT", "doorbells: 1 to 65536 are possible");
  CreateReservedFile(path, uint64_t{count} * sizeof(uint32_t), [](int) {});
}

std::shared_ptr<DoorbellFile> DoorbellFile::Open(const std::string& path) {
  const FileDescriptor file(open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (file.get() < 0) ThrowFileError(errno, "cannot open", path);
  struct stat status {};
  if (fstat(file.get(), &status) != 0) ThrowFileError(errno, "cannot stat", path);
  const auto bytes = static_cast<uint64_t>(status.st_size);
  if (!S_ISREG(status.st_mode) || bytes == 0 || bytes % sizeof(uint32_t) != 0 ||
      bytes / sizeof(uint32_t) > kMaxDoorbells) {
    throw NativeError("RING_FORMAT", path + " does not hold doorbells");
  }
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
  if (memory == MAP_FAILED) ThrowFileError(errno, "cannot map", path);
  return std::make_shared<DoorbellFile>(OnlyOpen{}, static_cast<uint32_t*>(memory),
                                        static_cast<uint32_t>(bytes / sizeof(uint32_t)));
}

DoorbellFile::DoorbellFile(OnlyOpen, uint32_t* words, uint32_t count) : words_(words), count_(count) {}

DoorbellFile::~DoorbellFile() { munmap(words_, uint64_t{count_} * sizeof(uint32_t)); }

void DoorbellFile::Ring(uint32_t index) {
  if (index < count_) FutexAddAndWake(words_[index]);
}

uint32_t DoorbellFile::Value(uint32_t index) const { return Shared(words_[index]).load(std::memory_order_seq_cst); }

void DoorbellFile::Wait(uint32_t index, uint32_t seen, std::chrono::milliseconds limit) {
  FutexWait(words_[index], seen, limit);
}

#include "mapping.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "file_descriptor.h"
#include "native_error.h"
#include "reserved_file.h"

namespace {

uint64_t SlotStride(uint64_t frameBytes) {
  return (kPixelsOffset + frameBytes + kPageBytes - 1) / kPageBytes * kPageBytes;
}

void Require(bool holds, const std::string& path, const char* fault) {
  if (!holds) throw NativeError("RING_FORMAT", path + " is not a usable ring: " + fault);
}

void CheckGeometry(const RingGeometry& geometry, const std::string& path) {
  Require(geometry.slotCount >= kMinSlots && geometry.slotCount <= kMaxSlots, path, "slot count is not 4 to 64");
  Require(geometry.format == kFormatI420 || geometry.format == kFormatRgb3, path, "unknown pixel format");
  Require(SidesAreValid(geometry.maxWidth, geometry.maxHeight, kMaxSidePixels, kMaxSidePixels), path,
          "width or height is zero, odd or above 16384");
}

RingGeometry GeometryOf(const RingHeader& header) {
  return {header.slotCount, header.maxWidth, header.maxHeight, header.format, header.mode == kModeLossless};
}

void CheckHeader(const RingHeader& header, uint64_t fileBytes, const std::string& path) {
  Require(std::memcmp(header.magic, kRingMagic, sizeof kRingMagic) == 0, path, "wrong magic");
  Require(header.version == kRingVersion, path, "its version is not 1");
  Require(header.mode == kModeLive || header.mode == kModeLossless, path, "unknown mode");
  const RingGeometry geometry = GeometryOf(header);
  CheckGeometry(geometry, path);
  const uint64_t frameBytes = FrameBytes(geometry.format, geometry.maxWidth, geometry.maxHeight);
  Require(header.slotsOffset == kSlotsOffset, path, "wrong offset of the slots");
  Require(header.maxFrameBytes == frameBytes, path, "frame bytes do not agree with its width, height and format");
  Require(header.slotStride % kPageBytes == 0 && header.slotStride >= SlotStride(frameBytes), path,
          "wrong slot stride");
  Require(fileBytes == kSlotsOffset + uint64_t{header.slotCount} * header.slotStride, path,
          "the file has another size");
}

}  // namespace

uint64_t RingFileBytes(const RingGeometry& geometry) {
  const uint64_t frameBytes = FrameBytes(geometry.format, geometry.maxWidth, geometry.maxHeight);
  return kSlotsOffset + geometry.slotCount * SlotStride(frameBytes);
}

void CreateRing(const std::string& path, const RingGeometry& geometry) {
  CheckGeometry(geometry, path);
  RingHeader header{};
  std::memcpy(header.magic, kRingMagic, sizeof kRingMagic);
  header.version = kRingVersion;
  header.slotCount = geometry.slotCount;
  header.maxFrameBytes = static_cast<uint32_t>(FrameBytes(geometry.format, geometry.maxWidth, geometry.maxHeight));
  header.slotStride = static_cast<uint32_t>(SlotStride(header.maxFrameBytes));
  header.slotsOffset = kSlotsOffset;
  header.format = geometry.format;
  header.maxWidth = geometry.maxWidth;
  header.maxHeight = geometry.maxHeight;
  header.mode = geometry.lossless ? kModeLossless : kModeLive;
  CreateReservedFile(path, RingFileBytes(geometry), [&](int fd) {
    const ssize_t written = pwrite(fd, &header, sizeof header, 0);
    if (written != sizeof header) ThrowFileError(written < 0 ? errno : EIO, "cannot write the header of", path);
  });
}

std::shared_ptr<RingMapping> RingMapping::Open(const std::string& path) {
  // O_NONBLOCK: a FIFO in its place must not hang us.
  const FileDescriptor file(open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (file.get() < 0) ThrowFileError(errno, "cannot open", path);
  struct stat status {};
  if (fstat(file.get(), &status) != 0) ThrowFileError(errno, "cannot stat", path);
  Require(S_ISREG(status.st_mode), path, "not a regular file");
  RingHeader header;
  const ssize_t got = pread(file.get(), &header, sizeof header, 0);
  if (got < 0) ThrowFileError(errno, "cannot read", path);
  Require(got == sizeof header, path, "shorter than its header");
  const auto sizeBytes = static_cast<uint64_t>(status.st_size);
  CheckHeader(header, sizeBytes, path);
  void* memory = mmap(nullptr, sizeBytes, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
  if (memory == MAP_FAILED) ThrowFileError(errno, "cannot map", path);
  return std::make_shared<RingMapping>(OnlyOpen{}, static_cast<uint8_t*>(memory), header, sizeBytes);
}

RingMapping::RingMapping(OnlyOpen, uint8_t* memory, const RingHeader& checked, uint64_t sizeBytes)
    : memory_(memory),
      sizeBytes_(sizeBytes),
      slotStride_(checked.slotStride),
      maxFrameBytes_(checked.maxFrameBytes),
      geometry_(GeometryOf(checked)) {}

RingMapping::~RingMapping() { munmap(memory_, sizeBytes_); }

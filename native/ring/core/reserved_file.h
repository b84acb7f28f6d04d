#pragma once

#include <cstdint>
#include <functional>
#include <string>

// Makes `path` (O_EXCL, 0600), reserves `bytes` so that no later touch can fail for want of memory, and lets `fill`
// write into the descriptor. If any of it fails, the file is removed. Throws NativeError RING_EXISTS, RING_NO_SPACE,
// RING_IO.
void CreateReservedFile(const std::string& path, uint64_t bytes, const std::function<void(int fd)>& fill);

// Throws the NativeError of a failed system call on `path`: RING_EXISTS, RING_MISSING, RING_NO_SPACE, else RING_IO.
[[noreturn]] void ThrowFileError(int error, const std::string& what, const std::string& path);

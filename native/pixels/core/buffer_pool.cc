#include "buffer_pool.h"

#include <cstdlib>
#include <new>

void BufferPool::Free::operator()(uint8_t* memory) const { std::free(memory); }

BufferPool::BufferPool(size_t count) : buffers_(count) {
  free_.reserve(count);
  for (size_t index = 0; index < count; ++index) free_.push_back(index);
}

BufferPool::Lease BufferPool::Take(size_t bytes) {
  std::unique_lock lock(mutex_);
  givenBack_.wait(lock, [this] { return !free_.empty(); });
  const size_t index = free_.back();
  Buffer& buffer = buffers_[index];
  if (buffer.bytes < bytes) {
    const size_t rounded = (bytes + kAlignment - 1) / kAlignment * kAlignment;
    auto* memory = static_cast<uint8_t*>(std::aligned_alloc(kAlignment, rounded));
    if (!memory) throw std::bad_alloc();
    buffer.memory.reset(memory);
    buffer.bytes = rounded;
  }
  free_.pop_back();
  return Lease(this, index);
}

void BufferPool::GiveBack(size_t index) {
  {
    const std::lock_guard lock(mutex_);
    free_.push_back(index);
  }
  givenBack_.notify_one();
}

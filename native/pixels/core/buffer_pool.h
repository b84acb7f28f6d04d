#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

// A fixed number of aligned buffers that grow to the largest frame they have held, and stay: in steady state nothing is
// allocated per frame. Owner: the engine's detector. Any thread may take; leases must not outlive the pool.
class BufferPool {
 public:
  static constexpr size_t kAlignment = 64;  // a cache line, and the widest vector of any CPU we run on

  // A buffer on loan: it goes back to the pool when the lease ends.
  class Lease {
   public:
    Lease(Lease&& other) noexcept : pool_(std::exchange(other.pool_, nullptr)), index_(other.index_) {}
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (pool_) pool_->GiveBack(index_);
    }

    uint8_t* data() const { return pool_->buffers_[index_].memory.get(); }

   private:
    friend class BufferPool;
    Lease(BufferPool* pool, size_t index) : pool_(pool), index_(index) {}

    BufferPool* pool_;
    size_t index_;
  };

  explicit BufferPool(size_t count);

  // At least `bytes`, with whatever was in it before. Waits while all buffers are on loan.
  Lease Take(size_t bytes);

 private:
  struct Free {
    void operator()(uint8_t* memory) const;
  };
  struct Buffer {
    std::unique_ptr<uint8_t[], Free> memory;
    size_t bytes = 0;
  };

  void GiveBack(size_t index);

  std::vector<Buffer> buffers_;
  std::vector<size_t> free_;
  std::mutex mutex_;
  std::condition_variable givenBack_;
};

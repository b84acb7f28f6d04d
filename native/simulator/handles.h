#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "status_error.h"

// The handles of one kind that the program holds. A handle is a number, never an address and never used twice: so a
// released one is known, where a real library would follow a dangling pointer. Any thread.
template <typename Handle, typename Object>
class Handles {
 public:
  explicit Handles(const char* kind) : kind_(kind) {}

  Handle Add(std::shared_ptr<Object> object) {
    const std::lock_guard lock(mutex_);
    next_ += 16;
    objects_.emplace(next_, std::move(object));
    return reinterpret_cast<Handle>(next_);
  }

  // Throws kInvalidArgument for NULL; ends the program for one that was released.
  std::shared_ptr<Object> Get(Handle handle) {
    RequirePointers(handle);
    const std::lock_guard lock(mutex_);
    const auto found = objects_.find(reinterpret_cast<uintptr_t>(handle));
    if (found == objects_.end()) Die(std::string(kind_) + " used after its release: HailoRT would use freed memory");
    return found->second;
  }

  std::shared_ptr<Object> Remove(Handle handle) {
    std::shared_ptr<Object> object = Get(handle);
    const std::lock_guard lock(mutex_);
    objects_.erase(reinterpret_cast<uintptr_t>(handle));
    return object;
  }

  // Those that `belongs` says yes to are dead from now on.
  template <typename Belongs>
  void RemoveIf(const Belongs& belongs) {
    const std::lock_guard lock(mutex_);
    std::erase_if(objects_, [&](const auto& entry) { return belongs(*entry.second); });
  }

 private:
  const char* const kind_;
  std::mutex mutex_;
  uintptr_t next_ = 0x10000;
  std::unordered_map<uintptr_t, std::shared_ptr<Object>> objects_;
};

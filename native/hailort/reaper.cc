#include "reaper.h"

#include <pthread.h>

#include <chrono>
#include <cstdlib>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "native_error.h"

namespace hailort {
namespace {

// A release that is under way at exit would meet libhailort's own destructors: it is waited for, but the driver may
// never answer.
constexpr std::chrono::seconds kLastRelease{2};

}  // namespace

Reaper& Reaper::Get() {
  static Reaper* const reaper = std::make_unique<Reaper>().release();
  return *reaper;
}

void Reaper::Start() {
  const std::lock_guard lock(mutex_);
  if (started_) return;
  try {
    std::thread([this] { Run(); }).detach();
  } catch (const std::system_error& failure) {
    throw NativeError("NO_THREAD", std::string("The thread that releases cannot be started: ") + failure.what());
  }
  started_ = true;
  // Where it cannot be registered, nothing is waited for.
  std::atexit([] { Get().LeakAll(); });
}

void Reaper::Take(std::function<void()> end) {
  const std::lock_guard lock(mutex_);
  // Kept, never run, never destroyed: so it ends nothing.
  waiting_.push_back(std::move(end));
  if (!leaking_) changed_.notify_all();
}

void Reaper::LeakAll() {
  std::unique_lock lock(mutex_);
  if (std::exchange(leaking_, true)) return;
  changed_.wait_for(lock, kLastRelease, [this] { return !busy_; });
}

void Reaper::Run() {
  pthread_setname_np(pthread_self(), "hailort-reaper");
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return !leaking_ && !waiting_.empty(); });
    std::function<void()> end = std::move(waiting_.front());
    waiting_.pop_front();
    busy_ = true;
    lock.unlock();
    end();
    end = nullptr;  // what it held may be the last share of a device: given up before anybody is told that we are idle
    lock.lock();
    busy_ = false;
    changed_.notify_all();
  }
}

}  // namespace hailort

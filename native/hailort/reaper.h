#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>

namespace hailort {

// The one thread on which things of HailoRT end: a shutdown can block for 10 s × queue length, which neither the
// JavaScript thread nor a garbage collection may wait for. First come, first served. One a process, never joined, and
// leaked on purpose: no static destructor of ours may meet those of libhailort. Any thread.
class Reaper {
 public:
  static Reaper& Get();

  // Starts the thread, once, and sees to LeakAll() at exit. To be called before there is something to end, but after
  // libhailort was loaded: what is registered last runs first at exit, and its destructors are to come after us. Throws
  // NativeError NO_THREAD.
  void Start();

  // Runs `end` on the reaper's thread, then destroys it there. `end` must not throw; it may Take more. After LeakAll()
  // it is neither run nor destroyed.
  void Take(std::function<void()> end);

  // A deleter's way to Take: `dying` is destroyed on the reaper's thread. Never throws.
  template <typename Dying>
  static void Destroy(Dying* dying) {
    Get().Take([dying] { std::unique_ptr<Dying>{dying}; });
  }

  // The process is about to end: nothing that waits is run any more, and what comes is leaked, since whatever it would
  // call is being torn down. Waits a moment for what is under way; the second call does nothing.
  void LeakAll();

 private:
  void Run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> waiting_;
  bool started_ = false;
  bool busy_ = false;
  bool leaking_ = false;
};

}  // namespace hailort

#pragma once

#include <napi.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>

#include "core/doorbell_file.h"

// One native thread that waits on one doorbell and has `onRing` called on the JavaScript thread. However often the bell
// rings while a call is pending, it is called once. Made and ended on the JavaScript thread; no call comes after the
// end.
class WaitingThread {
 public:
  // Whatever rings after this returns is noticed. `index` < doorbells->count(). Throws NativeError RING_IO.
  WaitingThread(Napi::Env env, std::shared_ptr<DoorbellFile> doorbells, uint32_t index, Napi::Function onRing);
  // Rings, joins the thread, gives the function back.
  ~WaitingThread();
  WaitingThread(const WaitingThread&) = delete;
  WaitingThread& operator=(const WaitingThread&) = delete;

  // Whether waiting keeps the event loop alive (it does at first).
  void Ref(Napi::Env env) { onRing_.Ref(env); }
  void Unref(Napi::Env env) { onRing_.Unref(env); }

 private:
  // Shared with calls still queued in the event loop when this object is gone.
  struct Pending {
    std::atomic<bool> call{false};
    std::atomic<bool> ended{false};
  };
  static void CallJs(Napi::Env env, Napi::Function onRing, Pending* pending, void*);
  using Function = Napi::TypedThreadSafeFunction<Pending, void, CallJs>;

  void Run(uint32_t seen);

  const std::shared_ptr<DoorbellFile> doorbells_;
  const uint32_t index_;
  const std::shared_ptr<Pending> pending_;
  Function onRing_;  // made before the thread, which uses it
  std::thread thread_;
};

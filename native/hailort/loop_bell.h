#pragma once

#include <napi.h>

#include <functional>
#include <mutex>
#include <utility>

// Has one function called on the JavaScript thread when another thread rings; several rings may become one call. Shared
// by the object whose bell it is and by the threads that ring: it may outlive the environment.
class LoopBell {
 public:
  // JavaScript thread. Does not keep the event loop alive by itself.
  LoopBell(Napi::Env env, std::function<void(Napi::Env)> onRing)
      : function_(Napi::ThreadSafeFunction::New(
            env, Napi::Function::New(env, [onRing](const Napi::CallbackInfo& info) { onRing(info.Env()); }),
            "headcount npu", 0, 1)) {
    function_.Unref(env);
  }

  // Any thread.
  void Ring() {
    const std::lock_guard lock(mutex_);
    if (!silent_) function_.NonBlockingCall();
  }

  // JavaScript thread: no call comes any more.
  void Silence() {
    if (Detach()) function_.Abort();
  }
  // JavaScript thread, when the environment ends: it tears the function down itself.
  bool Detach() {
    const std::lock_guard lock(mutex_);
    return !std::exchange(silent_, true);
  }

  // JavaScript thread, before Silence(): whether the event loop is kept alive.
  void Hold(Napi::Env env, bool hold) { hold ? function_.Ref(env) : function_.Unref(env); }

 private:
  std::mutex mutex_;
  bool silent_ = false;  // guarded by mutex_
  Napi::ThreadSafeFunction function_;
};

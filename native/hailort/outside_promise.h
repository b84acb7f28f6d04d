#pragma once

#include <napi.h>

#include <memory>
#include <mutex>
#include <optional>

namespace hailort {

// A promise that another thread resolves, with undefined. The event loop stays alive until then.
class OutsidePromise {
 public:
  // JavaScript thread.
  static std::shared_ptr<OutsidePromise> Make(Napi::Env env);
  Napi::Value promise() const { return deferred_.Promise(); }
  // Any thread, once. Does nothing once the environment has ended.
  void Resolve();

  explicit OutsidePromise(Napi::Env env) : deferred_(env) {}
  OutsidePromise(const OutsidePromise&) = delete;
  OutsidePromise& operator=(const OutsidePromise&) = delete;

 private:
  static void CallJs(Napi::Env env, Napi::Function, OutsidePromise* self, void*);
  static void AtEnvironmentExit(void* self);
  using Function = Napi::TypedThreadSafeFunction<OutsidePromise, void, CallJs>;

  const Napi::Promise::Deferred deferred_;
  std::mutex mutex_;
  std::optional<Function> resolve_;  // until it was called, or the environment ended
};

}  // namespace hailort

#include "outside_promise.h"

namespace hailort {

std::shared_ptr<OutsidePromise> OutsidePromise::Make(Napi::Env env) {
  const auto made = std::make_shared<OutsidePromise>(env);
  // The finalizer's copy keeps the object alive for as long as the call may be queued.
  made->resolve_ =
      Function::New(env, "headcount", 0, 1, made.get(), [kept = made](Napi::Env, void*, OutsidePromise*) {});
  // Hooks run last come, first served: ours, after which nobody resolves any more, before that of the function.
  napi_add_env_cleanup_hook(env, AtEnvironmentExit, made.get());
  return made;
}

void OutsidePromise::Resolve() {
  const std::lock_guard lock(mutex_);
  if (!resolve_) return;
  resolve_->NonBlockingCall();
  resolve_->Release();
  resolve_.reset();
}

void OutsidePromise::CallJs(Napi::Env env, Napi::Function, OutsidePromise* self, void*) {
  if (static_cast<napi_env>(env) == nullptr) return;  // torn down
  napi_remove_env_cleanup_hook(env, AtEnvironmentExit, self);
  self->deferred_.Resolve(env.Undefined());
}

void OutsidePromise::AtEnvironmentExit(void* self) {
  auto* const promise = static_cast<OutsidePromise*>(self);
  const std::lock_guard lock(promise->mutex_);
  promise->resolve_.reset();
}

}  // namespace hailort

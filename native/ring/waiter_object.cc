#include "waiter_object.h"

#include <memory>

#include "async_call.h"
#include "doorbells_object.h"
#include "js_arguments.h"

Napi::Function WaiterObject::Class(Napi::Env env) {
  return DefineClass(env, "DoorbellWaiter",
                     {InstanceMethod<&WaiterObject::Stop>("stop"), InstanceMethod<&WaiterObject::RefLoop>("ref"),
                      InstanceMethod<&WaiterObject::UnrefLoop>("unref")});
}

WaiterObject::WaiterObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {
  const Napi::Env env = info.Env();
  const auto doorbells = WrappedArgument<DoorbellsObject>(info[0], "doorbells").File();
  const uint32_t index = Uint32Argument(info[1], "index");
  if (index >= doorbells->count()) throw Napi::RangeError::New(env, "no such doorbell");
  if (!info[2].IsFunction()) throw Napi::TypeError::New(env, "onRing must be a function");
  thread_ = ThrowAsJs(
      env, [&] { return std::make_unique<WaitingThread>(env, doorbells, index, info[2].As<Napi::Function>()); });
  // When the environment ends while we wait (a worker, or process.exit()), its hooks run last come, first served: ours,
  // which ends the thread, before that of the thread-safe function the thread calls.
  napi_add_env_cleanup_hook(env, AtEnvironmentExit, this);
  Ref();  // a waiter that nobody holds still waits
}

WaiterObject::~WaiterObject() {
  if (thread_) napi_remove_env_cleanup_hook(Env(), AtEnvironmentExit, this);
}

void WaiterObject::End() {
  if (!thread_) return;
  thread_.reset();
  napi_remove_env_cleanup_hook(Env(), AtEnvironmentExit, this);
  Unref();
}

void WaiterObject::AtEnvironmentExit(void* self) { static_cast<WaiterObject*>(self)->thread_.reset(); }

void WaiterObject::Stop(const Napi::CallbackInfo&) { End(); }

void WaiterObject::RefLoop(const Napi::CallbackInfo& info) {
  if (thread_) thread_->Ref(info.Env());
}

void WaiterObject::UnrefLoop(const Napi::CallbackInfo& info) {
  if (thread_) thread_->Unref(info.Env());
}

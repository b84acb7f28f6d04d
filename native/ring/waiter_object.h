#pragma once

#include <napi.h>

#include <memory>

#include "waiting_thread.h"

// `DoorbellWaiter` of native/ring.ts. Holds itself until stop(), or until the environment is torn down. JavaScript
// thread only.
class WaiterObject final : public Napi::ObjectWrap<WaiterObject> {
 public:
  static Napi::Function Class(Napi::Env env);

  // new (doorbells, index, onRing)
  explicit WaiterObject(const Napi::CallbackInfo& info);
  ~WaiterObject() override;

 private:
  void Stop(const Napi::CallbackInfo& info);
  void RefLoop(const Napi::CallbackInfo& info);
  void UnrefLoop(const Napi::CallbackInfo& info);
  void End();
  static void AtEnvironmentExit(void* self);

  std::unique_ptr<WaitingThread> thread_;
};

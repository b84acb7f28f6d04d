#pragma once

#include <napi.h>

#include <memory>

#include "vdevice.h"

// The native half of VDevice (native/hailort.ts). Owner: the garbage collector; close(), or the end of the object,
// gives its share of the device up. JavaScript thread only.
class VdeviceObject final : public Napi::ObjectWrap<VdeviceObject> {
 public:
  // WrappedArgument<VdeviceObject>(info[0], "vdevice") finds it.
  static constexpr napi_type_tag kTag = {0x5d1c07a6be8f4c32, 0xb1f09e6623c74a8d};
  static Napi::Function Define(Napi::Env env);

  // new (External<shared_ptr<OpenVdevice>>): by open() only.
  explicit VdeviceObject(const Napi::CallbackInfo& info);

  // A share of the device, for a model or a call under way. Throws the JavaScript error CLOSED after close().
  std::shared_ptr<hailort::OpenVdevice> Device() const;

 private:
  Napi::Value DeviceIds(const Napi::CallbackInfo& info);
  Napi::Value Identify(const Napi::CallbackInfo& info);
  Napi::Value ExtendedInformation(const Napi::CallbackInfo& info);
  Napi::Value Temperature(const Napi::CallbackInfo& info);
  Napi::Value Reset(const Napi::CallbackInfo& info);
  Napi::Value Close(const Napi::CallbackInfo& info);

  std::shared_ptr<hailort::OpenVdevice> device_;  // empty once closed
};

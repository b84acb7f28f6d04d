#include "vdevice_object.h"

#include <string>
#include <utility>

#include "async_call.h"
#include "device_information.h"
#include "js_arguments.h"
#include "outside_promise.h"

namespace {

hailort::ResetMode ResetModeArgument(const Napi::Value& value) {
  const std::string mode = StringArgument(value, "mode");
  if (mode == "chip") return hailort::ResetMode::kChip;
  if (mode == "nnCore") return hailort::ResetMode::kNnCore;
  if (mode == "soft") return hailort::ResetMode::kSoft;
  if (mode == "forcedSoft") return hailort::ResetMode::kForcedSoft;
  throw Napi::TypeError::New(value.Env(), "mode must be chip, nnCore, soft or forcedSoft");
}

// Asks the first physical device on a libuv worker; the call holds its share of the device until it is answered.
template <auto Ask, auto ToJs>
Napi::Value AskDevice(const Napi::CallbackInfo& info, std::shared_ptr<hailort::OpenVdevice> device) {
  return Async(
      info.Env(), [device = std::move(device)] { return Ask(device->api(), device->devices().front()); }, ToJs);
}

}  // namespace

Napi::Function VdeviceObject::Define(Napi::Env env) {
  return DefineClass(
      env, "Vdevice",
      {InstanceAccessor<&VdeviceObject::DeviceIds>("deviceIds"), InstanceMethod<&VdeviceObject::Identify>("identify"),
       InstanceMethod<&VdeviceObject::ExtendedInformation>("extendedInformation"),
       InstanceMethod<&VdeviceObject::Temperature>("temperature"), InstanceMethod<&VdeviceObject::Reset>("reset"),
       InstanceMethod<&VdeviceObject::Close>("close")});
}

VdeviceObject::VdeviceObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {
  if (!info[0].IsExternal()) throw Napi::TypeError::New(info.Env(), "a Vdevice is made by open()");
  device_ = *info[0].As<Napi::External<std::shared_ptr<hailort::OpenVdevice>>>().Data();
  info.This().As<Napi::Object>().TypeTag(&kTag);
}

std::shared_ptr<hailort::OpenVdevice> VdeviceObject::Device() const {
  if (!device_) throw ToJsError(Env(), NativeError("CLOSED", "The device is closed."));
  return device_;
}

Napi::Value VdeviceObject::DeviceIds(const Napi::CallbackInfo& info) {
  const auto device = Device();
  Napi::Array ids = Napi::Array::New(info.Env());
  for (const std::string& id : device->ids()) ids.Set(ids.Length(), id);
  return ids;
}

Napi::Value VdeviceObject::Identify(const Napi::CallbackInfo& info) {
  return AskDevice<hailort::Identify, hailort::IdentityToJs>(info, Device());
}

Napi::Value VdeviceObject::ExtendedInformation(const Napi::CallbackInfo& info) {
  return AskDevice<hailort::ExtendedInformation, hailort::ExtendedInformationToJs>(info, Device());
}

Napi::Value VdeviceObject::Temperature(const Napi::CallbackInfo& info) {
  return AskDevice<hailort::Temperature, hailort::TemperatureToJs>(info, Device());
}

Napi::Value VdeviceObject::Reset(const Napi::CallbackInfo& info) {
  const hailort::ResetMode mode = ResetModeArgument(info[0]);
  return Async(
      info.Env(),
      [device = Device(), mode] {
        hailort::Check(device->api().reset_device(device->devices().front(), mode), "reset_device");
        return true;
      },
      [](Napi::Env env, bool) { return env.Undefined(); });
}

Napi::Value VdeviceObject::Close(const Napi::CallbackInfo& info) {
  const auto device = Device();
  const auto released = hailort::OutsidePromise::Make(info.Env());
  device->TellRelease([released] { released->Resolve(); });
  device_.reset();
  return released->promise();
}

#include "doorbells_object.h"

#include <string>

#include "async_call.h"
#include "js_arguments.h"
#include "ring_closed.h"

Napi::Function DoorbellsObject::Class(Napi::Env env) {
  return DefineClass(
      env, "Doorbells",
      {InstanceAccessor<&DoorbellsObject::Count>("count"), InstanceMethod<&DoorbellsObject::Ring>("ring"),
       InstanceMethod<&DoorbellsObject::Close>("close")});
}

DoorbellsObject::DoorbellsObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {
  const std::string path = StringArgument(info[0], "path");
  file_ = ThrowAsJs(info.Env(), [&] { return DoorbellFile::Open(path); });
  info.This().As<Napi::Object>().TypeTag(&kTag);
}

const std::shared_ptr<DoorbellFile>& DoorbellsObject::File() const {
  if (!file_) throw RingClosed(Env(), "this file of doorbells");
  return file_;
}

Napi::Value DoorbellsObject::Count(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), File()->count());
}

void DoorbellsObject::Ring(const Napi::CallbackInfo& info) {
  const uint32_t index = Uint32Argument(info[0], "index");
  if (index >= File()->count()) throw Napi::RangeError::New(info.Env(), "no such doorbell");
  file_->Ring(index);
}

void DoorbellsObject::Close(const Napi::CallbackInfo&) { file_.reset(); }

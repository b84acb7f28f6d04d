#include <napi.h>

#include <memory>
#include <string>
#include <vector>

#include "async_call.h"
#include "core/doorbell_file.h"
#include "core/mapping.h"
#include "doorbells_object.h"
#include "js_arguments.h"
#include "ring_object.h"
#include "waiter_object.h"
#include "writer_object.h"

namespace {

// The classes of one environment; freed with it.
struct Classes {
  Napi::FunctionReference ring, writer, doorbells, waiter;
};

template <Napi::FunctionReference Classes::*Class>
Napi::Value Construct(const Napi::CallbackInfo& info) {
  std::vector<napi_value> arguments;
  for (size_t index = 0; index < info.Length(); ++index) arguments.push_back(info[index]);
  return (info.Env().GetInstanceData<Classes>()->*Class).New(arguments);
}

void CreateRingFile(const Napi::CallbackInfo& info) {
  const std::string path = StringArgument(info[0], "path");
  const Napi::Object wanted = ObjectArgument(info[1], "geometry");
  const std::string format = StringArgument(wanted.Get("format"), "format");
  const std::string mode = StringArgument(wanted.Get("mode"), "mode");
  if (format != "I420" && format != "RGB3") throw Napi::TypeError::New(info.Env(), "format must be I420 or RGB3");
  if (mode != "live" && mode != "lossless") throw Napi::TypeError::New(info.Env(), "mode must be live or lossless");
  const RingGeometry geometry{Uint32Argument(wanted.Get("slotCount"), "slotCount"),
                              Uint32Argument(wanted.Get("maxWidth"), "maxWidth"),
                              Uint32Argument(wanted.Get("maxHeight"), "maxHeight"),
                              format == "I420" ? kFormatI420 : kFormatRgb3, mode == "lossless"};
  ThrowAsJs(info.Env(), [&] { CreateRing(path, geometry); });
}

void CreateDoorbellFile(const Napi::CallbackInfo& info) {
  const std::string path = StringArgument(info[0], "path");
  const uint32_t count = Uint32Argument(info[1], "count");
  ThrowAsJs(info.Env(), [&] { CreateDoorbells(path, count); });
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  auto classes = std::make_unique<Classes>();
  classes->ring = Napi::Persistent(RingObject::Class(env));
  classes->writer = Napi::Persistent(WriterObject::Class(env));
  classes->doorbells = Napi::Persistent(DoorbellsObject::Class(env));
  classes->waiter = Napi::Persistent(WaiterObject::Class(env));
  env.SetInstanceData(classes.release());  // Node deletes it with the environment

  exports.Set("createRing", Napi::Function::New<CreateRingFile>(env, "createRing"));
  exports.Set("openRing", Napi::Function::New<Construct<&Classes::ring>>(env, "openRing"));
  exports.Set("openWriter", Napi::Function::New<Construct<&Classes::writer>>(env, "openWriter"));
  exports.Set("createDoorbells", Napi::Function::New<CreateDoorbellFile>(env, "createDoorbells"));
  exports.Set("openDoorbells", Napi::Function::New<Construct<&Classes::doorbells>>(env, "openDoorbells"));
  exports.Set("waitOnDoorbell", Napi::Function::New<Construct<&Classes::waiter>>(env, "waitOnDoorbell"));
  return exports;
}

}  // namespace

NODE_API_MODULE(ring, Init)

#include <napi.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "async_call.h"
#include "classes.h"
#include "js_arguments.h"
#include "library.h"
#include "model_object.h"
#include "reaper.h"
#include "vdevice.h"
#include "vdevice_object.h"

namespace {

using Opened = std::shared_ptr<hailort::OpenVdevice>;

Napi::Value LibraryFacts(const Napi::CallbackInfo& info) {
  const hailort::Library& library = ThrowAsJs(info.Env(), [] { return std::cref(hailort::Library::Get()); });
  Napi::Object facts = Napi::Object::New(info.Env());
  facts.Set("version", hailort::ToString(library.version()));
  facts.Set("path", library.path());
  facts.Set("simulated", library.simulated());
  return facts;
}

Napi::Value StatusName(const Napi::CallbackInfo& info) {
  const auto status = static_cast<hailort::Status>(Uint32Argument(info[0], "status"));
  const hailort::Library* const library = hailort::Library::IfLoaded();
  const char* const name = library == nullptr ? nullptr : library->api().get_status_message(status);
  return name == nullptr ? info.Env().Null() : Napi::String::New(info.Env(), name);
}

Napi::Value Scan(const Napi::CallbackInfo& info) {
  return Async(
      info.Env(), [] { return hailort::ScanDevices(hailort::Library::Get()); },
      [](Napi::Env env, const std::vector<std::string>& found) {
        Napi::Array ids = Napi::Array::New(env);
        for (const std::string& id : found) ids.Set(ids.Length(), id);
        return ids;
      });
}

std::optional<std::string> TextOrNull(const Napi::Value& value, const char* name) {
  if (value.IsNull()) return std::nullopt;
  return StringArgument(value, name);
}

Napi::Value Open(const Napi::CallbackInfo& info) {
  const auto deviceId = TextOrNull(info[0], "deviceId");
  const auto groupId = TextOrNull(info[1], "groupId");
  return Async(
      info.Env(), [deviceId, groupId] { return hailort::OpenVdevice::Open(deviceId, groupId); },
      [](Napi::Env env, Opened opened) {
        return env.GetInstanceData<Classes>()->vdevice.New({Napi::External<Opened>::New(env, &opened)});
      });
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  auto classes = std::make_unique<Classes>();
  classes->vdevice = Napi::Persistent(VdeviceObject::Define(env));
  classes->model = Napi::Persistent(ModelObject::Define(env));
  env.SetInstanceData(classes.release());  // Node deletes it with the environment
  // On the main thread the end of the environment is that of the process (process.exit() ends it without the
  // environment: the reaper sees to that). Hooks run before the finalizers of what is open, which then is leaked.
  if (getpid() == gettid()) env.AddCleanupHook([] { hailort::Reaper::Get().LeakAll(); });

  exports.Set("library", Napi::Function::New<LibraryFacts>(env, "library"));
  exports.Set("statusName", Napi::Function::New<StatusName>(env, "statusName"));
  exports.Set("scan", Napi::Function::New<Scan>(env, "scan"));
  exports.Set("open", Napi::Function::New<Open>(env, "open"));
  exports.Set("configure", Napi::Function::New<ModelObject::Configure>(env, "configure"));
  return exports;
}

}  // namespace

NODE_API_MODULE(hailort, Init)

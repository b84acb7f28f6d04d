#pragma once

#include <napi.h>

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "loop_bell.h"
#include "pipeline.h"
#include "reaper.h"

// The native half of Model (native/hailort-model.ts): { input, outputs, infer(frames), counters(), close() }. Owner:
// the garbage collector, but for as long as somebody waits for an answer. JavaScript thread only; nothing here ever
// waits for the library: pipelines end on the reaper's thread, and are leaked when the process ends before.
class ModelObject final : public Napi::ObjectWrap<ModelObject> {
 public:
  static Napi::Function Define(Napi::Env env);
  // configure(vdevice, hef, options): a promise of a model. Rejects with what ConfiguredNetwork throws.
  static Napi::Value Configure(const Napi::CallbackInfo& info);

  // new (External<OwnedPipeline>): by Configure only.
  explicit ModelObject(const Napi::CallbackInfo& info);
  ~ModelObject() override;

 private:
  struct EndOnReaper {
    void operator()(hailort::Pipeline* pipeline) const { hailort::Reaper::Destroy(pipeline); }
  };
  using OwnedPipeline = std::unique_ptr<hailort::Pipeline, EndOnReaper>;
  static constexpr napi_type_tag kPipelineTag = {0x3e9b51c2d4a74f08, 0x97c1d2e8b06f5a43};

  Napi::Value Input(const Napi::CallbackInfo& info);
  Napi::Value Outputs(const Napi::CallbackInfo& info);
  Napi::Value Infer(const Napi::CallbackInfo& info);
  Napi::Value Counters(const Napi::CallbackInfo& info);
  Napi::Value Close(const Napi::CallbackInfo& info);

  void Settle(Napi::Env env);
  void RejectPending(Napi::Env env, const NativeError& failure);
  Napi::Value HandOver(Napi::Env env);
  void Hold(Napi::Env env);
  void Unhook();
  static void AtEnvironmentExit(void* self);

  OwnedPipeline pipeline_;  // empty once closed
  hailort::NetworkStream input_;
  std::vector<hailort::NetworkStream> outputs_;
  hailort::PipelineCounters lastCounters_;  // when it was closed
  std::shared_ptr<LoopBell> bell_;          // rung by the pipeline's threads
  Napi::Reference<Napi::Value> closed_;     // the promise of close(), once called
  std::unordered_map<uint64_t, Napi::Promise::Deferred> pending_;
  uint64_t lastId_ = 0;
  bool holding_ = false;
  bool hooked_ = false;
  napi_env env_;
};

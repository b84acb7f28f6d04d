#include "model_object.h"

#include <string>
#include <utility>

#include "async_call.h"
#include "classes.h"
#include "js_arguments.h"
#include "model_js.h"
#include "outside_promise.h"
#include "vdevice_object.h"

using hailort::ConfiguredNetwork;
using hailort::InferenceBatch;
using hailort::Pipeline;

namespace {

Napi::Value Rejected(Napi::Env env, const NativeError& failure) {
  const auto deferred = Napi::Promise::Deferred::New(env);
  deferred.Reject(ToJsError(env, failure).Value());
  return deferred.Promise();
}

Napi::RangeError TooMany(Napi::Env env) {
  return Napi::RangeError::New(env, "more than " + std::to_string(Pipeline::kMostWaitingFrames) +
                                        " frames would wait for the NPU: await the answers of earlier ones");
}

NativeError Closed() { return {"CLOSED", "The model is closed."}; }

}  // namespace

Napi::Function ModelObject::Define(Napi::Env env) {
  return DefineClass(
      env, "Model",
      {InstanceAccessor<&ModelObject::Input>("input"), InstanceAccessor<&ModelObject::Outputs>("outputs"),
       InstanceMethod<&ModelObject::Infer>("infer"), InstanceMethod<&ModelObject::Counters>("counters"),
       InstanceMethod<&ModelObject::Close>("close")});
}

Napi::Value ModelObject::Configure(const Napi::CallbackInfo& info) {
  const std::string hef = StringArgument(info[1], "hef");
  ConfigureOrder order = ConfigureOrderFromJs(info[2]);
  // Last: a getter of the options may have closed it.
  auto device = WrappedArgument<VdeviceObject>(info[0], "a VDevice").Device();
  auto work = [device = std::move(device), hef, order = std::move(order)]() {
    auto network = std::make_unique<ConfiguredNetwork>(device, hef, order.network);
    hailort::NmsFilter filter = order.filter;
    if (!network->suppresses()) filter.iouThreshold = order.network.iouThreshold;
    return OwnedPipeline(std::make_unique<Pipeline>(std::move(network), std::move(filter), order.network).release());
  };
  return Async(info.Env(), std::move(work), [](Napi::Env env, OwnedPipeline pipeline) -> Napi::Value {
    auto external = Napi::External<OwnedPipeline>::New(env, &pipeline);
    external.TypeTag(&kPipelineTag);
    return env.GetInstanceData<Classes>()->model.New({external});
  });
}

ModelObject::ModelObject(const Napi::CallbackInfo& info) : ObjectWrap(info), env_(info.Env()) {
  const Napi::Env env = info.Env();
  if (!info[0].IsExternal() || !info[0].As<Napi::External<OwnedPipeline>>().CheckTypeTag(&kPipelineTag)) {
    throw Napi::TypeError::New(env, "a Model is made by configure()");
  }
  pipeline_ = std::move(*info[0].As<Napi::External<OwnedPipeline>>().Data());
  input_ = pipeline_->network().input();
  outputs_ = pipeline_->network().outputs();
  // The bell before the threads that ring it.
  bell_ = std::make_shared<LoopBell>(env, [this](Napi::Env ringing) { Settle(ringing); });
  try {
    ThrowAsJs(env, [this] { pipeline_->Start([bell = bell_] { bell->Ring(); }); });
  } catch (...) {
    bell_->Silence();
    throw;
  }
  // Registered after the bell's function, so it runs before that one is torn down.
  napi_add_env_cleanup_hook(env_, AtEnvironmentExit, this);
  hooked_ = true;
}

// Nobody waits for anything: the pipeline ends on the reaper's thread.
ModelObject::~ModelObject() {
  if (pipeline_) pipeline_->Stop();
  Unhook();
}

Napi::Value ModelObject::Input(const Napi::CallbackInfo& info) { return StreamToJs(info.Env(), input_); }

Napi::Value ModelObject::Outputs(const Napi::CallbackInfo& info) {
  Napi::Array outputs = Napi::Array::New(info.Env(), outputs_.size());
  for (uint32_t index = 0; index < outputs_.size(); ++index) outputs[index] = StreamToJs(info.Env(), outputs_[index]);
  return outputs;
}

Napi::Value ModelObject::Infer(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!info[0].IsArray()) throw Napi::TypeError::New(env, "frames must be an array");
  const auto frames = info[0].As<Napi::Array>();
  // Before any of them is copied.
  if (frames.Length() > Pipeline::kMostWaitingFrames) throw TooMany(env);
  auto batch = std::make_unique<InferenceBatch>();
  for (uint32_t index = 0; index < frames.Length(); ++index) {
    const Napi::Value frame = frames[index];
    // Each time: a getter of the frame before may have closed this model.
    if (!pipeline_) return Rejected(env, Closed());
    batch->frames.push_back(FrameFromJs(frame, *pipeline_));
  }
  if (!pipeline_) return Rejected(env, Closed());
  if (const auto failure = pipeline_->failure()) return Rejected(env, *failure);
  const auto deferred = Napi::Promise::Deferred::New(env);
  if (batch->frames.empty()) {
    deferred.Resolve(Napi::Array::New(env));
    return deferred.Promise();
  }
  const uint64_t id = batch->id = ++lastId_;
  if (!pipeline_->Submit(std::move(batch))) throw TooMany(env);
  pending_.emplace(id, deferred);
  Hold(env);
  return deferred.Promise();
}

Napi::Value ModelObject::Counters(const Napi::CallbackInfo& info) {
  return CountersToJs(info.Env(), pipeline_ ? pipeline_->counters() : lastCounters_);
}

Napi::Value ModelObject::Close(const Napi::CallbackInfo& info) {
  if (closed_.IsEmpty()) closed_ = Napi::Persistent(HandOver(info.Env()));
  return closed_.Value();
}

// Rung when batches are answered, and when the pipeline has failed.
void ModelObject::Settle(Napi::Env env) {
  if (!pipeline_) return;
  const Napi::HandleScope scope(env);
  for (const auto& batch : pipeline_->TakeAnswered()) {
    const auto found = pending_.find(batch->id);
    if (found == pending_.end()) continue;
    const Napi::Promise::Deferred deferred = found->second;
    pending_.erase(found);
    Napi::Array answers = Napi::Array::New(env, batch->frames.size());
    for (uint32_t index = 0; index < batch->frames.size(); ++index) {
      answers[index] = AnswerToJs(env, batch->frames[index], outputs_);
    }
    deferred.Resolve(answers);
  }
  if (const auto failure = pipeline_->failure()) RejectPending(env, *failure);
  Hold(env);
}

void ModelObject::RejectPending(Napi::Env env, const NativeError& failure) {
  for (const auto& [id, deferred] : std::exchange(pending_, {})) deferred.Reject(ToJsError(env, failure).Value());
}

// What has been answered before still counts; the rest is given up.
Napi::Value ModelObject::HandOver(Napi::Env env) {
  Settle(env);
  pipeline_->Stop();
  RejectPending(env, Closed());
  Hold(env);
  lastCounters_ = pipeline_->counters();
  const auto closed = hailort::OutsidePromise::Make(env);
  Pipeline* const dying = pipeline_.release();  // the reaper's now
  hailort::Reaper::Get().Take([dying, closed] {
    { const std::unique_ptr<Pipeline> ends(dying); }
    closed->Resolve();
  });
  Unhook();
  return closed->promise();
}

// The event loop and this object stay alive for answers somebody waits for, not for idle threads.
void ModelObject::Hold(Napi::Env env) {
  const bool hold = !pending_.empty();
  if (hold == holding_) return;
  holding_ = hold;
  bell_->Hold(env, hold);
  if (hold) {
    Ref();
  } else {
    Unref();
  }
}

void ModelObject::Unhook() {
  if (!std::exchange(hooked_, false)) return;
  napi_remove_env_cleanup_hook(env_, AtEnvironmentExit, this);
  bell_->Silence();
}

// The bell's function is torn down right after. The pipeline goes to the reaper with this object.
void ModelObject::AtEnvironmentExit(void* self) {
  auto* const model = static_cast<ModelObject*>(self);
  model->hooked_ = false;
  model->bell_->Detach();
}

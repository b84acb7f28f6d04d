#include "jpeg_encoder.h"

#include <exception>
#include <string>
#include <utility>

#include "async_call.h"
#include "frame_info_js.h"
#include "js_arguments.h"
#include "retired_threads.h"
#include "ring_handle.h"

namespace {

EncodeOptions OptionsFrom(const Napi::Env& env, const Napi::Value& value) {
  if (!value.IsObject()) throw Napi::TypeError::New(env, "encode needs options");
  const auto options = value.As<Napi::Object>();
  const Napi::Value width = options.Get("width");
  const int64_t quality = options.Get("quality").ToNumber().Int64Value();
  const int64_t pixels = width.IsNumber() ? width.As<Napi::Number>().Int64Value() : 0;
  if (quality < 1 || quality > 100) throw Napi::RangeError::New(env, "quality must be 1 to 100");
  if (width.IsNumber() && (pixels < 2 || pixels > kMaxSidePixels)) {
    throw Napi::RangeError::New(env, "width must be 2 to 16384");
  }
  return {options.Get("overlay").ToBoolean(), static_cast<uint32_t>(pixels), static_cast<int>(quality)};
}

Napi::Error JpegFailed(Napi::Env env, const char* reason) {
  return ToJsError(env, NativeError("JPEG_FAILED", std::string("no JPEG can be made: ") + reason));
}

Napi::Error ErrorOf(Napi::Env env, const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const NativeError& foreseen) {
    return ToJsError(env, foreseen);
  } catch (const std::exception& other) {
    return JpegFailed(env, other.what());
  }
}

Napi::Value Refuse(Napi::Env env) {
  const auto deferred = Napi::Promise::Deferred::New(env);
  deferred.Reject(Napi::Error::New(env, "encode on a closed JpegEncoder").Value());
  return deferred.Promise();
}

}  // namespace

Napi::Function JpegEncoder::Define(Napi::Env env) {
  return DefineClass(env, "JpegEncoder",
                     {InstanceMethod<&JpegEncoder::Encode>("encode"), InstanceMethod<&JpegEncoder::Close>("close")});
}

JpegEncoder::JpegEncoder(const Napi::CallbackInfo& info) : ObjectWrap(info), env_(info.Env()) {
  const Napi::Env env = info.Env();
  const uint32_t count = info[0].ToNumber().Uint32Value();
  if (count < 1 || count > 2) throw Napi::RangeError::New(env, "a JpegEncoder has 1 or 2 threads");
  const auto settle = Napi::Function::New(env, [this](const Napi::CallbackInfo& call) { Settle(call.Env()); });
  tell_ = Napi::ThreadSafeFunction::New(env, settle, "jpeg encoder", 0, 1);
  tell_.Unref(env);
  try {
    threads_ = std::make_unique<EncoderThreads>(count, [tell = tell_] { tell.NonBlockingCall(); });
  } catch (const std::exception& failure) {
    tell_.Abort();
    throw JpegFailed(env, failure.what());
  }
  // Registered after the thread-safe function, so it runs before that one is torn down.
  napi_add_env_cleanup_hook(env_, JoinAtExit, this);
}

JpegEncoder::~JpegEncoder() { Retire(); }

Napi::Value JpegEncoder::Encode(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!threads_) return Refuse(env);
  auto ring = RingFromHandle(info[0]);
  const uint64_t seq = WholeArgument(info[1], "seq");
  const EncodeOptions options = OptionsFrom(env, info[2]);
  // Again, now that all is read: a getter of the arguments may have closed this encoder.
  if (!threads_) return Refuse(env);
  const auto deferred = Napi::Promise::Deferred::New(env);
  const uint64_t id = ++lastId_;
  if (!threads_->Submit({id, std::move(ring), seq, options})) {
    deferred.Resolve(env.Null());
    return deferred.Promise();
  }
  pending_.emplace(id, deferred);
  Hold(env);
  return deferred.Promise();
}

void JpegEncoder::Close(const Napi::CallbackInfo& info) {
  if (!threads_) return;
  Settle(info.Env());
  for (auto& [id, deferred] : std::exchange(pending_, {})) deferred.Resolve(info.Env().Null());
  Hold(info.Env());
  Retire();
}

void JpegEncoder::Settle(Napi::Env env) {
  if (!threads_) return;
  const Napi::HandleScope scope(env);
  for (EncodeOutcome& outcome : threads_->TakeFinished()) Resolve(env, std::move(outcome));
  Hold(env);
}

void JpegEncoder::Resolve(Napi::Env env, EncodeOutcome outcome) {
  const auto found = pending_.find(outcome.id);
  if (found == pending_.end()) return;
  const Napi::Promise::Deferred deferred = found->second;
  pending_.erase(found);
  if (outcome.failure) return deferred.Reject(ErrorOf(env, outcome.failure).Value());
  if (!outcome.frame) return deferred.Resolve(env.Null());
  Napi::Object frame = Napi::Object::New(env);
  // A copy of some ten kilobytes is cheaper than an external buffer with a finalizer, and cannot outlive the encoder.
  frame.Set("jpeg", Napi::Buffer<uint8_t>::Copy(env, outcome.frame->jpeg.data(), outcome.frame->jpeg.size()));
  frame.Set("info", FrameInfoToJs(env, outcome.frame->info));
  frame.Set("people", outcome.frame->people);
  deferred.Resolve(frame);
}

// The event loop and this object stay alive for frames somebody waits for, not for idle threads.
void JpegEncoder::Hold(Napi::Env env) {
  const bool hold = !pending_.empty();
  if (hold == holding_) return;
  holding_ = hold;
  if (hold) {
    tell_.Ref(env);
    Ref();
  } else {
    tell_.Unref(env);
    Unref();
  }
}

// Lets the threads end in their own time.
void JpegEncoder::Retire() {
  if (!threads_) return;
  napi_remove_env_cleanup_hook(env_, JoinAtExit, this);
  Napi::Env(env_).GetInstanceData<RetiredThreads>()->Add(std::move(threads_));
  tell_.Abort();
}

// The thread-safe function is torn down by Node itself right after.
void JpegEncoder::JoinAtExit(void* self) { static_cast<JpegEncoder*>(self)->threads_.reset(); }

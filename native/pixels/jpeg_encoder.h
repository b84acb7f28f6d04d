#pragma once

#include <napi.h>

#include <cstdint>
#include <memory>
#include <unordered_map>

#include "encoder_threads.h"

// JavaScript face of EncoderThreads: class JpegEncoder { constructor(threads), encode(ring, seq, options), close() }.
// JavaScript thread only. Nothing but the environment's end waits for an encoder thread; none outlives it.
class JpegEncoder final : public Napi::ObjectWrap<JpegEncoder> {
 public:
  static Napi::Function Define(Napi::Env env);
  explicit JpegEncoder(const Napi::CallbackInfo& info);
  ~JpegEncoder() override;

 private:
  Napi::Value Encode(const Napi::CallbackInfo& info);
  void Close(const Napi::CallbackInfo& info);

  void Settle(Napi::Env env);
  void Resolve(Napi::Env env, EncodeOutcome outcome);
  void Hold(Napi::Env env);
  void Retire();
  static void JoinAtExit(void* self);

  // Told by the encoder threads that outcomes wait. Outlives them, or their RequestStop().
  Napi::ThreadSafeFunction tell_;
  std::unique_ptr<EncoderThreads> threads_;  // empty once closed
  std::unordered_map<uint64_t, Napi::Promise::Deferred> pending_;
  uint64_t lastId_ = 0;
  bool holding_ = false;
  napi_env env_;
};

#pragma once

#include <napi.h>

#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "native_error.h"

// Turns a foreseen failure into the JavaScript error that carries its code. JavaScript thread only.
inline Napi::Error ToJsError(Napi::Env env, const NativeError& failure) {
  Napi::Error error = Napi::Error::New(env, failure.what());
  error.Value().Set("code", failure.code());
  return error;
}

// Runs `work` on the JavaScript thread and throws its NativeError as a JavaScript error with a code.
template <typename Work>
auto ThrowAsJs(Napi::Env env, Work work) {
  try {
    return work();
  } catch (const NativeError& failure) {
    throw ToJsError(env, failure);
  }
}

// Runs `work` on a libuv worker thread and settles a promise with `toJs(env, result)` on the JavaScript thread.
// Whatever `work` captures (a shared_ptr to a mapping, say) lives until the promise is settled.
template <typename Work, typename ToJs>
class AsyncCall final : public Napi::AsyncWorker {
  using Result = std::invoke_result_t<Work>;

 public:
  static Napi::Value Start(Napi::Env env, Work work, ToJs toJs) {
    auto* call = new AsyncCall(env, std::move(work), std::move(toJs));  // Napi::AsyncWorker deletes itself
    Napi::Promise promise = call->deferred_.Promise();
    call->Queue();
    return promise;
  }

 private:
  AsyncCall(Napi::Env env, Work work, ToJs toJs)
      : AsyncWorker(env, "headcount"), work_(std::move(work)), toJs_(std::move(toJs)), deferred_(env) {}

  void Execute() override {
    try {
      result_.emplace(work_());
    } catch (const NativeError& failure) {
      code_ = failure.code();
      SetError(failure.what());
    }  // any other exception is a bug: AsyncWorker rejects with it, without a code
  }

  void OnOK() override {
    try {
      deferred_.Resolve(toJs_(Env(), std::move(*result_)));
    } catch (const Napi::Error& failure) {
      deferred_.Reject(failure.Value());
    }
  }

  void OnError(const Napi::Error& error) override {
    if (!code_.empty()) error.Value().Set("code", code_);
    deferred_.Reject(error.Value());
  }

  Work work_;
  ToJs toJs_;
  Napi::Promise::Deferred deferred_;
  std::optional<Result> result_;
  std::string code_;
};

template <typename Work, typename ToJs>
Napi::Value Async(Napi::Env env, Work work, ToJs toJs) {
  return AsyncCall<Work, ToJs>::Start(env, std::move(work), std::move(toJs));
}

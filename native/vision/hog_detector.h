#pragma once

#include <napi.h>

#include <memory>

#include "frame_search.h"

// JavaScript face of FrameSearch: class HogDetector { detect(frame, search), close() }. JavaScript thread only.
class HogDetector final : public Napi::ObjectWrap<HogDetector> {
 public:
  static Napi::Function Define(Napi::Env env);
  explicit HogDetector(const Napi::CallbackInfo& info);

 private:
  Napi::Value Detect(const Napi::CallbackInfo& info);
  void Close(const Napi::CallbackInfo& info);

  std::shared_ptr<FrameSearch> search_;  // empty once closed; a search under way holds its own
};

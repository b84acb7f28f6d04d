#pragma once

#include <napi.h>

#include <memory>
#include <mutex>

#include "core/letterbox.h"

// JavaScript face of the letterbox for detectors that run in JavaScript (ONNX Runtime): class Letterboxer {
// constructor(order), letterbox(frame, target) }. JavaScript thread only; the work is done on libuv's threads.
class Letterboxer final : public Napi::ObjectWrap<Letterboxer> {
 public:
  struct Order {
    uint32_t width, height;
    Placing placing;
    ChannelOrder channels;
    float gain;
  };

  static Napi::Function Define(Napi::Env env);
  explicit Letterboxer(const Napi::CallbackInfo& info);

 private:
  Napi::Value Letterbox(const Napi::CallbackInfo& info);

  // One call at a time: each takes two buffers one after the other, and calls that each hold one would wait for ever.
  struct Workbench {
    std::mutex busy;
    BufferPool pool{kLetterboxBuffers};
  };

  Order order_{};
  // Shared with the work under way, which may outlive this object.
  std::shared_ptr<Workbench> workbench_;
};

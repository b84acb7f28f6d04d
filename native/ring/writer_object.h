#pragma once

#include <napi.h>

#include <memory>

#include "core/slot_writer.h"

// `RingWriter` of native/ring.ts. Owner: the garbage collector; has its own share of the mapping until close().
// JavaScript thread only.
class WriterObject final : public Napi::ObjectWrap<WriterObject> {
 public:
  static Napi::Function Class(Napi::Env env);

  // new (ring)
  explicit WriterObject(const Napi::CallbackInfo& info);

 private:
  SlotWriter& Writer() const;
  Napi::Value Write(const Napi::CallbackInfo& info);
  Napi::Value EndOfStream(const Napi::CallbackInfo& info);
  void Close(const Napi::CallbackInfo& info);

  std::unique_ptr<SlotWriter> writer_;
};

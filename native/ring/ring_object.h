#pragma once

#include <napi.h>

#include <memory>
#include <string>

#include "core/doorbell_file.h"
#include "core/mapping.h"
#include "ring_handle.h"

// `Ring` of native/ring.ts. Owner: the garbage collector; the mapping is given back by close(), or with the object.
// JavaScript thread only.
class RingObject final : public Napi::ObjectWrap<RingObject> {
 public:
  static constexpr napi_type_tag kTag = {0x2f6a90c44b1e4d0d, 0x9c3f7d15e8a24b61};
  static Napi::Function Class(Napi::Env env);

  // new (path)
  explicit RingObject(const Napi::CallbackInfo& info);

  // Throws a JavaScript error after close().
  std::shared_ptr<RingMapping> Mapping() const;
  const std::shared_ptr<DoorbellFile>& doorbells() const { return doorbells_; }

 private:
  Napi::Value Handle(const Napi::CallbackInfo& info);
  Napi::Value Geometry(const Napi::CallbackInfo& info);
  Napi::Value FrameInfoOf(const Napi::CallbackInfo& info);
  Napi::Value ReadFrame(const Napi::CallbackInfo& info);
  Napi::Value ReadResults(const Napi::CallbackInfo& info);
  Napi::Value WriteResults(const Napi::CallbackInfo& info);
  Napi::Value TakeResultBlocks(const Napi::CallbackInfo& info);
  void SetReleaser(const Napi::CallbackInfo& info);
  void Release(const Napi::CallbackInfo& info);
  void SetDoorbells(const Napi::CallbackInfo& info);
  void UseDoorbells(const Napi::CallbackInfo& info);
  void Close(const Napi::CallbackInfo& info);
  Napi::Value Path(const Napi::CallbackInfo& info);

  // One word of the header, read where it lies.
  template <auto Member>
  Napi::Value Word(const Napi::CallbackInfo& info) {
    return Napi::Number::New(info.Env(),
                             static_cast<double>(Shared(Mapping()->header().*Member).load(std::memory_order_acquire)));
  }

  std::string path_;
  Napi::Reference<Napi::External<RingHandleBox>> handle_;
  std::shared_ptr<RingMapping> mapping_;
  std::shared_ptr<DoorbellFile> doorbells_;
  uint32_t epoch_ = 0;  // of our ownership of the result blocks, 0 = never taken
};

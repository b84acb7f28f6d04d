#pragma once

#include <napi.h>

#include <memory>

#include "core/doorbell_file.h"

// `Doorbells` of native/ring.ts. Owner: the garbage collector; the mapping lives on while a writer or a waiter uses it.
// JavaScript thread only.
class DoorbellsObject final : public Napi::ObjectWrap<DoorbellsObject> {
 public:
  static constexpr napi_type_tag kTag = {0x6be10f2a77d94c83, 0xa4d2583c01f7e9b6};
  static Napi::Function Class(Napi::Env env);

  // new (path)
  explicit DoorbellsObject(const Napi::CallbackInfo& info);

  // Throws a JavaScript error after close().
  const std::shared_ptr<DoorbellFile>& File() const;

 private:
  Napi::Value Count(const Napi::CallbackInfo& info);
  void Ring(const Napi::CallbackInfo& info);
  void Close(const Napi::CallbackInfo& info);

  std::shared_ptr<DoorbellFile> file_;
};

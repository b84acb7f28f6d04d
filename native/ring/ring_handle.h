#pragma once

#include <napi.h>

#include <memory>
#include <utility>

#include "core/mapping.h"
#include "ring_closed.h"

// How a mapped ring passes from one addon to another: `ring.handle` is an external with our type tag. It shares the
// mapping until `ring.close()` empties it; native work that took its own shared_ptr before keeps the mapping for as
// long as it runs. Owner of the box: the external (garbage collected). JavaScript thread only.
struct RingHandleBox {
  std::shared_ptr<RingMapping> mapping;
};

inline constexpr napi_type_tag kRingHandleTag = {0x8f0c5a1e6d2b4937, 0xb1d4e07f9a3c6258};

inline Napi::External<RingHandleBox> MakeRingHandle(Napi::Env env, std::shared_ptr<RingMapping> mapping) {
  auto box = std::make_unique<RingHandleBox>(RingHandleBox{std::move(mapping)});
  auto handle = Napi::External<RingHandleBox>::New(
      env, box.get(), [](Napi::Env, RingHandleBox* owned) { const std::unique_ptr<RingHandleBox> ends(owned); });
  box.release();  // the external's now
  handle.TypeTag(&kRingHandleTag);
  return handle;
}

// The ring behind `ring.handle`. Throws a JavaScript TypeError on anything else, and an Error when the ring is closed.
inline std::shared_ptr<RingMapping> RingFromHandle(const Napi::Value& value) {
  const Napi::Env env = value.Env();
  if (!value.IsExternal()) throw Napi::TypeError::New(env, "not the handle of a ring");
  const auto handle = value.As<Napi::External<RingHandleBox>>();
  if (!handle.CheckTypeTag(&kRingHandleTag)) throw Napi::TypeError::New(env, "not the handle of a ring");
  if (!handle.Data()->mapping) throw RingClosed(env, "this ring");
  return handle.Data()->mapping;
}

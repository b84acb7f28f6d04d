#pragma once

#include <napi.h>

#include "core/slot_reader.h"

// FrameInfo as native/ring.ts describes it: every addon that answers with a frame's header uses this. JavaScript thread
// only.
inline Napi::Object FrameInfoToJs(Napi::Env env, const FrameInfo& info) {
  Napi::Object frame = Napi::Object::New(env);
  frame.Set("seq", static_cast<double>(info.seq));
  frame.Set("ptsNs", static_cast<double>(info.ptsNs));
  frame.Set("arrivedMs", static_cast<double>(info.arrivedNs) / 1e6);
  frame.Set("width", info.width);
  frame.Set("height", info.height);
  frame.Set("format", info.format == kFormatRgb3 ? "RGB3" : "I420");
  frame.Set("sizeBytes", info.bytes);
  frame.Set("discontinuity", (info.flags & kFlagDiscontinuity) != 0);
  frame.Set("endOfStream", (info.flags & kFlagEndOfStream) != 0);
  frame.Set("generation", info.generation);
  return frame;
}

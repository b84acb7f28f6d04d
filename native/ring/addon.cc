#include <napi.h>

#include "ring_handle.h"

namespace {
Napi::Object Init(Napi::Env, Napi::Object exports) { return exports; }
}  // namespace

NODE_API_MODULE(ring, Init)

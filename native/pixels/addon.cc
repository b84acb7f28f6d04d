#include <napi.h>

#include <memory>

#include "jpeg_encoder.h"
#include "letterboxer.h"
#include "retired_threads.h"

namespace {

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  env.SetInstanceData(std::make_unique<RetiredThreads>().release());  // Node deletes it with the environment
  exports.Set("JpegEncoder", JpegEncoder::Define(env));
  exports.Set("Letterboxer", Letterboxer::Define(env));
  return exports;
}

}  // namespace

NODE_API_MODULE(pixels, Init)

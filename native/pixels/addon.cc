#include <napi.h>

#include "jpeg_encoder.h"

namespace {

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("JpegEncoder", JpegEncoder::Define(env));
  return exports;
}

}  // namespace

NODE_API_MODULE(pixels, Init)

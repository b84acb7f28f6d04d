#include <napi.h>

#include "jpeg_encoder.h"
#include "letterboxer.h"

namespace {

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("JpegEncoder", JpegEncoder::Define(env));
  exports.Set("Letterboxer", Letterboxer::Define(env));
  return exports;
}

}  // namespace

NODE_API_MODULE(pixels, Init)

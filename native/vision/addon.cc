#include <napi.h>

#include <algorithm>
#include <opencv2/core/utility.hpp>
#include <thread>

#include "hog_detector.h"
#include "js_arguments.h"

namespace {

constexpr double kMostThreads = 64;

void SetThreads(const Napi::CallbackInfo& info) {
  const auto count = static_cast<int>(WholeArgument(info[0], "count", kMostThreads));
  if (count == 0) throw Napi::RangeError::New(info.Env(), "count must be at least 1");
  // More than there are cores make no search faster, and OpenCV's pool would warn about them.
  cv::setNumThreads(std::min(count, static_cast<int>(std::max(1U, std::thread::hardware_concurrency()))));
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("setThreads", Napi::Function::New<SetThreads>(env, "setThreads"));
  exports.Set("HogDetector", HogDetector::Define(env));
  return exports;
}

}  // namespace

NODE_API_MODULE(vision, Init)

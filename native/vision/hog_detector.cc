#include "hog_detector.h"

#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include "async_call.h"
#include "frame_info_js.h"
#include "js_arguments.h"
#include "ring_handle.h"

namespace {

// A search of less than a window finds nothing; more than this would take minutes.
constexpr double kMaxSearchHeight = 2160;
constexpr uint32_t kMinSearchHeight = 32;
constexpr double kMaxStride = 64;
constexpr double kMinScale = 1.01;
constexpr double kMaxScale = 2;

HogSearch SearchFrom(const Napi::Value& value) {
  const Napi::Object object = ObjectArgument(value, "search");
  const auto fail = [&](const char* text) { throw Napi::RangeError::New(value.Env(), text); };
  const std::string people = StringArgument(object.Get("people"), "people");
  if (people != "default" && people != "daimler") fail("people must be default or daimler");
  const HogSearch search = {
      people == "default" ? People::kDefault : People::kDaimler,
      static_cast<uint32_t>(WholeArgument(object.Get("searchHeight"), "searchHeight", kMaxSearchHeight)),
      static_cast<uint32_t>(WholeArgument(object.Get("stride"), "stride", kMaxStride)),
      NumberArgument(object.Get("scale"), "scale"), NumberArgument(object.Get("hitThreshold"), "hitThreshold")};
  if (search.searchHeight < kMinSearchHeight) fail("searchHeight must be at least 32");
  if (search.stride == 0 || search.stride % 4 != 0) fail("stride must be a multiple of 4");
  if (!(search.scale >= kMinScale && search.scale <= kMaxScale)) fail("scale must be 1.01 to 2");
  if (!std::isfinite(search.hitThreshold)) fail("hitThreshold must be a finite number");
  return search;
}

Napi::Value FoundToJs(Napi::Env env, const std::optional<FoundPeople>& found) {
  if (!found) return env.Null();
  constexpr size_t kValues = 5;
  auto boxes = Napi::Float32Array::New(env, kValues * found->boxes.size());
  float* value = boxes.Data();
  for (const PersonBox& box : found->boxes) {
    for (const float number : {box.x1, box.y1, box.x2, box.y2, box.margin}) *value++ = number;
  }
  Napi::Object answer = Napi::Object::New(env);
  answer.Set("boxes", boxes);
  answer.Set("info", FrameInfoToJs(env, found->info));
  return answer;
}

Napi::Value Refuse(Napi::Env env) {
  const auto deferred = Napi::Promise::Deferred::New(env);
  deferred.Reject(Napi::Error::New(env, "detect on a closed HogDetector").Value());
  return deferred.Promise();
}

}  // namespace

Napi::Function HogDetector::Define(Napi::Env env) {
  return DefineClass(env, "HogDetector",
                     {InstanceMethod<&HogDetector::Detect>("detect"), InstanceMethod<&HogDetector::Close>("close")});
}

HogDetector::HogDetector(const Napi::CallbackInfo& info) : ObjectWrap(info), search_(std::make_shared<FrameSearch>()) {}

Napi::Value HogDetector::Detect(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (!search_) return Refuse(env);
  const Napi::Object frame = ObjectArgument(info[0], "frame");
  auto ring = RingFromHandle(frame.Get("ring"));
  const uint64_t seq = WholeArgument(frame.Get("seq"), "seq");
  const HogSearch search = SearchFrom(info[1]);
  // Again, now that all is read: a getter of the arguments may have closed this detector.
  const auto people = search_;
  if (!people) return Refuse(env);
  return Async(
      env, [people, ring = std::move(ring), seq, search] { return people->Find(*ring, seq, search); }, FoundToJs);
}

void HogDetector::Close(const Napi::CallbackInfo&) { search_.reset(); }

#include "letterboxer.h"

#include <optional>
#include <string>

#include "async_call.h"
#include "frame_info_js.h"
#include "js_arguments.h"
#include "ring_handle.h"

namespace {

constexpr double kMaxSide = 4096;

bool Choose(const Napi::Object& order, const char* name, const char* first, const char* second) {
  const std::string value = StringArgument(order.Get(name), name);
  if (value != first && value != second) {
    throw Napi::TypeError::New(order.Env(), std::string(name) + " must be " + first + " or " + second);
  }
  return value == first;
}

uint32_t Side(const Napi::Object& order, const char* name) {
  const auto side = static_cast<uint32_t>(WholeArgument(order.Get(name), name, kMaxSide));
  if (side == 0) throw Napi::RangeError::New(order.Env(), std::string(name) + " must not be 0");
  return side;
}

struct Placed {
  FrameInfo info;
  PicturePlace place;
};

}  // namespace

Napi::Function Letterboxer::Define(Napi::Env env) {
  return DefineClass(env, "Letterboxer", {InstanceMethod<&Letterboxer::Letterbox>("letterbox")});
}

Letterboxer::Letterboxer(const Napi::CallbackInfo& info) : ObjectWrap(info), workbench_(std::make_shared<Workbench>()) {
  const Napi::Object order = ObjectArgument(info[0], "order");
  order_ = {Side(order, "width"), Side(order, "height"),
            Choose(order, "placing", "topLeft", "centre") ? Placing::kTopLeft : Placing::kCentre,
            Choose(order, "channels", "rgb", "bgr") ? ChannelOrder::kRgb : ChannelOrder::kBgr,
            static_cast<float>(NumberArgument(order.Get("gain"), "gain"))};
}

Napi::Value Letterboxer::Letterbox(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const Napi::Object frame = ObjectArgument(info[0], "frame");
  auto ring = RingFromHandle(frame.Get("ring"));
  const uint64_t seq = WholeArgument(frame.Get("seq"), "seq");
  const size_t values = size_t{3} * order_.width * order_.height;
  if (!info[1].IsTypedArray() || info[1].As<Napi::TypedArray>().TypedArrayType() != napi_float32_array ||
      info[1].As<Napi::TypedArray>().ElementLength() != values) {
    throw Napi::TypeError::New(env, "target must be a Float32Array of " + std::to_string(values) + " values");
  }
  auto target = info[1].As<Napi::Float32Array>();
  // Moved into the answer on this thread: it keeps the target from the garbage collector while the worker writes it.
  auto keep = std::make_shared<Napi::Reference<Napi::Float32Array>>(Napi::Persistent(target));
  const auto work = [ring = std::move(ring), seq, order = order_, workbench = workbench_,
                     values = target.Data()]() -> std::optional<Placed> {
    const std::lock_guard lock(workbench->busy);
    const auto scaled = ReadScaled(*ring, seq, order.width, order.height, order.placing, workbench->pool);
    if (!scaled) return std::nullopt;
    WritePlanarFloat(*scaled, order.width, order.height, order.channels, order.gain, workbench->pool, values);
    return Placed{scaled->info, scaled->place};
  };
  return Async(env, work, [keep](Napi::Env jsEnv, const std::optional<Placed>& placed) -> Napi::Value {
    if (!placed) return jsEnv.Null();
    Napi::Object answer = Napi::Object::New(jsEnv);
    answer.Set("info", FrameInfoToJs(jsEnv, placed->info));
    answer.Set("x", placed->place.x);
    answer.Set("y", placed->place.y);
    answer.Set("width", placed->place.width);
    answer.Set("height", placed->place.height);
    return answer;
  });
}

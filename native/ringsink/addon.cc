#include <gst/gst.h>
#include <napi.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "async_call.h"
#include "frame_fit.h"
#include "js_arguments.h"
#include "native_error.h"
#include "ring_sink.h"
#include "sink_target.h"

namespace {

std::vector<Polygon> Polygons(const Napi::Value& value) {
  if (!value.IsArray()) throw Napi::TypeError::New(value.Env(), "masks must be an array");
  const auto list = value.As<Napi::Array>();
  std::vector<Polygon> polygons;
  for (uint32_t index = 0; index < list.Length(); ++index) {
    const Napi::Object points = ObjectArgument(list.Get(index), "a mask");
    if (!points.IsArray()) throw Napi::TypeError::New(value.Env(), "a mask must be an array");
    Polygon polygon;
    for (uint32_t at = 0; at < points.As<Napi::Array>().Length(); ++at) {
      const Napi::Object point = ObjectArgument(points.Get(at), "a point of a mask");
      const Point read{NumberArgument(point.Get(0u), "x"), NumberArgument(point.Get(1u), "y")};
      if (!(read.x >= 0 && read.x <= 1 && read.y >= 0 && read.y <= 1)) {
        throw Napi::TypeError::New(value.Env(), "a point of a mask must lie in the picture, 0 to 1");
      }
      polygon.push_back(read);
    }
    if (polygon.size() < 3) throw Napi::TypeError::New(value.Env(), "a mask needs three points");
    polygons.push_back(std::move(polygon));
  }
  return polygons;
}

void RegisterElements() {
  GError* problem = nullptr;
  if (!gst_init_check(nullptr, nullptr, &problem)) {
    const std::string text = problem != nullptr ? problem->message : "no reason given";
    g_clear_error(&problem);
    throw NativeError("GSTREAMER", "GStreamer does not start: " + text);
  }
  static const bool registered = gst_element_register(nullptr, "hcringsink", GST_RANK_NONE, RingSinkType()) != FALSE &&
                                 gst_element_register(nullptr, "hcfit", GST_RANK_NONE, FrameFitType()) != FALSE;
  if (!registered) throw NativeError("GSTREAMER", "the elements of headcount cannot be registered");
}

void RegisterRingSink(const Napi::CallbackInfo& info) {
  std::shared_ptr<SinkTarget> target;
  if (!info[0].IsNull()) {
    const Napi::Object wanted = ObjectArgument(info[0], "target");
    const std::string ringPath = StringArgument(wanted.Get("ringPath"), "ringPath");
    const std::string doorbellsPath = StringArgument(wanted.Get("doorbellsPath"), "doorbellsPath");
    target = std::make_shared<SinkTarget>();
    target->masks = Polygons(wanted.Get("masks"));
    ThrowAsJs(info.Env(), [&] {
      target->ring = RingMapping::Open(ringPath);
      target->doorbells = DoorbellFile::Open(doorbellsPath);
    });
  }
  ThrowAsJs(info.Env(), [&] {
    RegisterElements();
    SinkDesk::OfThisProcess().SetTarget(std::move(target));
  });
}

Napi::Value HasElement(const Napi::CallbackInfo& info) {
  const std::string name = StringArgument(info[0], "name");
  ThrowAsJs(info.Env(), RegisterElements);
  struct Unref {
    void operator()(GstElementFactory* factory) const { gst_object_unref(factory); }
  };
  const std::unique_ptr<GstElementFactory, Unref> found(gst_element_factory_find(name.c_str()));
  return Napi::Boolean::New(info.Env(), found != nullptr);
}

Napi::Value FramesTaken(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(SinkDesk::OfThisProcess().seen().frames));
}

Napi::Value SeenFormat(const Napi::CallbackInfo& info) {
  const SinkSeen seen = SinkDesk::OfThisProcess().seen();
  if (seen.width == 0) return info.Env().Null();
  double fps = seen.fpsDenominator > 0 ? static_cast<double>(seen.fpsNumerator) / seen.fpsDenominator : 0;
  const int64_t spanNs = seen.lastPtsNs - seen.firstPtsNs;
  if (fps <= 0 && seen.frames > 1 && spanNs > 0) fps = static_cast<double>(seen.frames - 1) * 1e9 / spanNs;
  Napi::Object format = Napi::Object::New(info.Env());
  format.Set("width", seen.width);
  format.Set("height", seen.height);
  format.Set("fps", fps);
  return format;
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("registerRingSink", Napi::Function::New<RegisterRingSink>(env, "registerRingSink"));
  exports.Set("hasElement", Napi::Function::New<HasElement>(env, "hasElement"));
  exports.Set("framesTaken", Napi::Function::New<FramesTaken>(env, "framesTaken"));
  exports.Set("seenFormat", Napi::Function::New<SeenFormat>(env, "seenFormat"));
  return exports;
}

}  // namespace

NODE_API_MODULE(ringsink, Init)

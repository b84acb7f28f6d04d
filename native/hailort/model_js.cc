#include "model_js.h"

#include <algorithm>
#include <string>
#include <utility>

#include "frame_info_js.h"
#include "js_arguments.h"
#include "ring_handle.h"

namespace {

using hailort::FormatType;
using hailort::NetworkStream;

constexpr uint32_t kMostBatch = 16;
constexpr uint32_t kMostQueue = 64;
constexpr uint32_t kMostTimeoutMs = 600'000;
constexpr uint32_t kMostClassId = 65'535;
// HailoRT waits 10 s of itself: by then a count would be wrong for long.
constexpr uint32_t kUsualTimeoutMs = 1'000;
constexpr uint32_t kUsualQueue = 8;
constexpr double kNsPerMs = 1e6;

bool IsGiven(const Napi::Value& value) { return !value.IsUndefined() && !value.IsNull(); }

uint32_t WholeFromOne(const Napi::Object& options, const char* name, uint32_t most, uint32_t usual) {
  const Napi::Value value = options.Get(name);
  if (!IsGiven(value)) return usual;
  const auto number = static_cast<uint32_t>(WholeArgument(value, name, most));
  if (number == 0) throw Napi::RangeError::New(options.Env(), std::string(name) + " must not be 0");
  return number;
}

std::optional<float> Share(const Napi::Object& options, const char* name) {
  const Napi::Value value = options.Get(name);
  if (!IsGiven(value)) return std::nullopt;
  const double share = NumberArgument(value, name);
  if (!(share >= 0 && share <= 1)) throw Napi::RangeError::New(options.Env(), std::string(name) + " must be 0 to 1");
  return static_cast<float>(share);
}

hailort::PowerMode PowerModeOf(const Napi::Object& options) {
  const Napi::Value value = options.Get("powerMode");
  const std::string mode = IsGiven(value) ? StringArgument(value, "powerMode") : "performance";
  if (mode == "performance") return hailort::PowerMode::kPerformance;
  if (mode == "ultra") return hailort::PowerMode::kUltraPerformance;
  throw Napi::TypeError::New(options.Env(), "powerMode must be performance or ultra");
}

std::vector<bool> ClassesOf(const Napi::Object& options) {
  const Napi::Value value = options.Get("classes");
  if (!IsGiven(value)) return {};
  if (!value.IsArray()) throw Napi::TypeError::New(options.Env(), "classes must be an array");
  const auto list = value.As<Napi::Array>();
  std::vector<bool> classes(1);  // an empty list takes none, no list takes all
  for (uint32_t index = 0; index < list.Length(); ++index) {
    const auto classId = static_cast<size_t>(WholeArgument(list[index], "a class", kMostClassId));
    classes.resize(std::max(classes.size(), classId + 1));
    classes[classId] = true;
  }
  return classes;
}

Napi::Float32Array FloatsToJs(Napi::Env env, const std::vector<float>& values) {
  auto array = Napi::Float32Array::New(env, values.size());
  std::copy(values.begin(), values.end(), array.Data());
  return array;
}

const char* NameOf(FormatType type) {
  if (type == FormatType::kUint8) return "uint8";
  return type == FormatType::kUint16 ? "uint16" : "float32";
}

}  // namespace

ConfigureOrder ConfigureOrderFromJs(const Napi::Value& value) {
  const Napi::Object options = ObjectArgument(value, "options");
  ConfigureOrder order{};
  order.network.batchSize = static_cast<uint16_t>(WholeFromOne(options, "batchSize", kMostBatch, 1));
  order.network.powerMode = PowerModeOf(options);
  order.network.timeoutMs = WholeFromOne(options, "timeoutMs", kMostTimeoutMs, kUsualTimeoutMs);
  order.network.queueSize = WholeFromOne(options, "queueSize", kMostQueue, kUsualQueue);
  order.network.scoreThreshold = Share(options, "scoreThreshold");
  order.network.iouThreshold = Share(options, "iouThreshold");
  // Here too, whoever applies them first: twice changes nothing.
  order.filter.scoreThreshold = order.network.scoreThreshold;
  order.filter.classes = ClassesOf(options);
  return order;
}

hailort::InferenceFrame FrameFromJs(const Napi::Value& value, hailort::Pipeline& pipeline) {
  hailort::InferenceFrame frame;
  if (!value.IsTypedArray()) {
    const Napi::Object reference = ObjectArgument(value, "a frame");
    frame.ring = RingFromHandle(reference.Get("ring"));
    frame.seq = WholeArgument(reference.Get("seq"), "seq");
    return frame;
  }
  const Napi::Uint8Array bytes = BytesArgument(value, "a frame");
  const size_t expected = pipeline.network().input().frameBytes;
  if (bytes.ByteLength() != expected) {
    throw Napi::RangeError::New(value.Env(), "a frame of bytes must have " + std::to_string(expected));
  }
  frame.bytes = pipeline.TakeBytes();
  std::copy_n(bytes.Data(), expected, frame.bytes.begin());
  return frame;
}

Napi::Value AnswerToJs(Napi::Env env, const hailort::InferenceFrame& frame, const std::vector<NetworkStream>& outputs) {
  if (frame.overwritten) return env.Null();
  Napi::Object tensors = Napi::Object::New(env);
  for (size_t output = 0; output < outputs.size(); ++output) {
    if (!outputs[output].nms) tensors.Set(outputs[output].name, FloatsToJs(env, frame.tensors[output]));
  }
  Napi::Object answer = Napi::Object::New(env);
  answer.Set("info", frame.info ? FrameInfoToJs(env, *frame.info).As<Napi::Value>() : env.Null());
  answer.Set("detections", FloatsToJs(env, frame.detections));
  answer.Set("tensors", tensors);
  return answer;
}

Napi::Object StreamToJs(Napi::Env env, const NetworkStream& stream) {
  Napi::Object face = Napi::Object::New(env);
  face.Set("name", stream.name);
  face.Set("format", NameOf(stream.type));
  face.Set("frameBytes", static_cast<double>(stream.frameBytes));
  face.Set("shape", env.Null());
  face.Set("nms", env.Null());
  Napi::Object form = Napi::Object::New(env);
  if (stream.nms) {
    form.Set("classes", stream.nms->classes);
    form.Set("maxBoxesPerClass", stream.nms->maxBoxesPerClass);
  } else {
    form.Set("height", stream.shape.height);
    form.Set("width", stream.shape.width);
    form.Set("features", stream.shape.features);
  }
  face.Set(stream.nms ? "nms" : "shape", form);
  return face;
}

Napi::Object CountersToJs(Napi::Env env, const hailort::PipelineCounters& counters) {
  const auto ms = [](uint64_t ns) { return static_cast<double>(ns) / kNsPerMs; };
  Napi::Object sums = Napi::Object::New(env);
  sums.Set("frames", static_cast<double>(counters.frames));
  sums.Set("busyMs", ms(counters.busyNs));
  sums.Set("letterboxMs", ms(counters.letterboxNs));
  sums.Set("writeMs", ms(counters.writeNs));
  sums.Set("decodeMs", ms(counters.decodeNs));
  sums.Set("queueAgeMs", ms(counters.queueAgeNs));
  sums.Set("inFlight", static_cast<double>(counters.inFlight));
  return sums;
}

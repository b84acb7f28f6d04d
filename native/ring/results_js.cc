#include "results_js.h"

#include "js_arguments.h"

Napi::Object ResultsToJs(Napi::Env env, const ResultBlock& block) {
  Napi::Array detections = Napi::Array::New(env, block.detections.size());
  for (uint32_t index = 0; index < block.detections.size(); ++index) {
    const ResultDetection& found = block.detections[index];
    Napi::Object detection = Napi::Object::New(env);
    detection.Set("x1", found.x1);
    detection.Set("y1", found.y1);
    detection.Set("x2", found.x2);
    detection.Set("y2", found.y2);
    detection.Set("score", found.score);
    detection.Set("classId", found.classId);
    detection.Set("trackId", found.trackId);
    detections.Set(index, detection);
  }
  Napi::Object results = Napi::Object::New(env);
  results.Set("detections", detections);
  results.Set("inferenceUs", block.inferenceUs);
  results.Set("predicted", (block.flags & kResultPredicted) != 0);
  results.Set("cpuFallback", (block.flags & kResultCpuFallback) != 0);
  results.Set("simulated", (block.flags & kResultSimulated) != 0);
  return results;
}

ResultBlock ResultsFromJs(const Napi::Value& value) {
  const Napi::Object results = ObjectArgument(value, "results");
  const Napi::Value list = results.Get("detections");
  if (!list.IsArray()) throw Napi::TypeError::New(value.Env(), "results.detections must be an array");
  const auto detections = list.As<Napi::Array>();

  ResultBlock block;
  block.inferenceUs = Uint32Argument(results.Get("inferenceUs"), "results.inferenceUs");
  if (results.Get("predicted").ToBoolean()) block.flags |= kResultPredicted;
  if (results.Get("cpuFallback").ToBoolean()) block.flags |= kResultCpuFallback;
  if (results.Get("simulated").ToBoolean()) block.flags |= kResultSimulated;
  const uint32_t count = detections.Length();
  for (uint32_t index = 0; index < count; ++index) {
    const Napi::HandleScope scope(value.Env());
    const Napi::Object found = ObjectArgument(detections.Get(index), "a detection");
    const auto side = [&](const char* name) { return static_cast<float>(NumberArgument(found.Get(name), name)); };
    const double track = NumberArgument(found.Get("trackId"), "trackId");
    if (!(track >= -1 && track <= 2147483647.0))
      throw Napi::TypeError::New(value.Env(), "trackId must be -1 or a track");
    block.detections.push_back({side("x1"), side("y1"), side("x2"), side("y2"), side("score"),
                                Uint32Argument(found.Get("classId"), "classId"), static_cast<int32_t>(track), 0});
  }
  return block;
}

#pragma once

#include <napi.h>

#include <vector>

#include "configured_network.h"
#include "inference_batch.h"
#include "nms.h"
#include "pipeline.h"

// What a model takes from JavaScript and answers, as native/hailort.ts describes it. JavaScript thread only; a wrong
// argument is a TypeError or a RangeError.

struct ConfigureOrder {
  hailort::NetworkOptions network;
  hailort::NmsFilter filter;
};
ConfigureOrder ConfigureOrderFromJs(const Napi::Value& value);

// A FrameRef, or the bytes of one input, which are copied.
hailort::InferenceFrame FrameFromJs(const Napi::Value& value, hailort::Pipeline& pipeline);

// Takes the values out of `frame`; null when it was overwritten.
Napi::Value AnswerToJs(Napi::Env env, const hailort::InferenceFrame& frame,
                       const std::vector<hailort::NetworkStream>& outputs);

Napi::Object StreamToJs(Napi::Env env, const hailort::NetworkStream& stream);
Napi::Object CountersToJs(Napi::Env env, const hailort::PipelineCounters& counters);

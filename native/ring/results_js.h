#pragma once

#include <napi.h>

#include "core/slot_reader.h"

// `Results` of native/ring.ts and back. Throws a TypeError on anything else. JavaScript thread only.
Napi::Object ResultsToJs(Napi::Env env, const ResultBlock& block);
ResultBlock ResultsFromJs(const Napi::Value& value);

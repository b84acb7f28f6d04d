#pragma once

#include <napi.h>

// The classes of one environment, as its instance data; freed with it.
struct Classes {
  Napi::FunctionReference vdevice;
  Napi::FunctionReference model;
};

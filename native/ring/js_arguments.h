#pragma once

#include <napi.h>

#include <cmath>
#include <cstdint>
#include <string>

// Arguments from JavaScript, checked: whatever does not fit is a TypeError, never undefined behaviour. JavaScript
// thread only.

inline std::string StringArgument(const Napi::Value& value, const char* name) {
  if (!value.IsString()) throw Napi::TypeError::New(value.Env(), std::string(name) + " must be a string");
  return value.As<Napi::String>();
}

// A whole number from 0 to `most` (2^53 - 1 unless told).
inline uint64_t WholeArgument(const Napi::Value& value, const char* name, double most = 9007199254740991.0) {
  const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : -1;
  if (!(number >= 0 && number <= most && std::floor(number) == number)) {
    throw Napi::TypeError::New(value.Env(), std::string(name) + " must be a whole number from 0 to " +
                                                std::to_string(static_cast<uint64_t>(most)));
  }
  return static_cast<uint64_t>(number);
}

inline uint32_t Uint32Argument(const Napi::Value& value, const char* name) {
  return static_cast<uint32_t>(WholeArgument(value, name, 4294967295.0));
}

inline double NumberArgument(const Napi::Value& value, const char* name) {
  if (!value.IsNumber()) throw Napi::TypeError::New(value.Env(), std::string(name) + " must be a number");
  return value.As<Napi::Number>().DoubleValue();
}

inline Napi::Object ObjectArgument(const Napi::Value& value, const char* name) {
  if (!value.IsObject()) throw Napi::TypeError::New(value.Env(), std::string(name) + " must be an object");
  return value.As<Napi::Object>();
}

inline Napi::Uint8Array BytesArgument(const Napi::Value& value, const char* name) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array) {
    throw Napi::TypeError::New(value.Env(), std::string(name) + " must be a Uint8Array");
  }
  return value.As<Napi::Uint8Array>();
}

// An own object of the addon, known by its type tag: unwrapping anything else would be undefined behaviour.
template <typename Wrapped>
Wrapped& WrappedArgument(const Napi::Value& value, const char* name) {
  if (!value.IsObject() || !value.As<Napi::Object>().CheckTypeTag(&Wrapped::kTag)) {
    throw Napi::TypeError::New(value.Env(), std::string("not ") + name);
  }
  return *Wrapped::Unwrap(value.As<Napi::Object>());
}

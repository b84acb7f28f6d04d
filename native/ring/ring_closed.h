#pragma once

#include <napi.h>

#include <string>

// What whoever uses a ring, a handle, a writer or doorbells after close() is thrown. `what` names it in the sentence
// "… is closed". JavaScript thread only.
inline Napi::Error RingClosed(Napi::Env env, const std::string& what) {
  Napi::Error error = Napi::Error::New(env, what + " is closed");
  error.Set("code", "RING_CLOSED");
  return error;
}

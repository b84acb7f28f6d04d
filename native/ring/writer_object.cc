#include "writer_object.h"

#include <chrono>
#include <cstring>
#include <optional>

#include "async_call.h"
#include "js_arguments.h"
#include "ring_closed.h"
#include "ring_object.h"

namespace {

// JavaScript may not be held up for longer: write() then answers null.
constexpr std::chrono::milliseconds kLongestWait{200};

Napi::Value SeqOrNull(Napi::Env env, const std::optional<uint64_t>& seq) {
  return seq ? Napi::Number::New(env, static_cast<double>(*seq)) : env.Null();
}

}  // namespace

Napi::Function WriterObject::Class(Napi::Env env) {
  return DefineClass(
      env, "RingWriter",
      {InstanceMethod<&WriterObject::Write>("write"), InstanceMethod<&WriterObject::EndOfStream>("endOfStream"),
       InstanceMethod<&WriterObject::Close>("close")});
}

WriterObject::WriterObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {
  const auto& ring = WrappedArgument<RingObject>(info[0], "a ring");
  writer_ = std::make_unique<SlotWriter>(ring.Mapping(), ring.doorbells());
}

SlotWriter& WriterObject::Writer() const {
  if (!writer_) throw RingClosed(Env(), "this writer");
  return *writer_;
}

Napi::Value WriterObject::Write(const Napi::CallbackInfo& info) {
  const Napi::Object frame = ObjectArgument(info[1], "frame");
  const double ptsNs = NumberArgument(frame.Get("ptsNs"), "ptsNs");
  FrameDescription description{};
  description.width = Uint32Argument(frame.Get("width"), "width");
  description.height = Uint32Argument(frame.Get("height"), "height");
  description.ptsNs = ptsNs >= 0 && ptsNs < 9.2e18 ? static_cast<int64_t>(ptsNs) : -1;
  description.flags = frame.Get("discontinuity").ToBoolean() ? kFlagDiscontinuity : 0;
  // After the getters above, which may have detached it.
  const Napi::Uint8Array pixels = BytesArgument(info[0], "pixels");
  if (pixels.ByteLength() > UINT32_MAX) throw Napi::RangeError::New(info.Env(), "pixels is too large");
  description.bytes = static_cast<uint32_t>(pixels.ByteLength());
  const uint8_t* const from = pixels.Data();
  return SeqOrNull(info.Env(), ThrowAsJs(info.Env(), [&] {
                     return Writer().Write(
                         description, [&](uint8_t* to) { std::memcpy(to, from, description.bytes); }, kLongestWait);
                   }));
}

Napi::Value WriterObject::EndOfStream(const Napi::CallbackInfo& info) {
  const FrameDescription end{0, 0, 0, kFlagEndOfStream, -1};
  return SeqOrNull(info.Env(), ThrowAsJs(info.Env(), [&] {
                     return Writer().Write(
                         end, [](uint8_t*) {}, kLongestWait);
                   }));
}

void WriterObject::Close(const Napi::CallbackInfo&) { writer_.reset(); }

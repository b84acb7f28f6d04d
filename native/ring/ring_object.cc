#include "ring_object.h"

#include <atomic>
#include <cstring>
#include <utility>

#include "async_call.h"
#include "core/result_writer.h"
#include "core/slot_reader.h"
#include "doorbells_object.h"
#include "frame_info_js.h"
#include "js_arguments.h"
#include "results_js.h"
#include "ring_closed.h"

Napi::Function RingObject::Class(Napi::Env env) {
  return DefineClass(
      env, "Ring",
      {InstanceAccessor<&RingObject::Path>("path"), InstanceAccessor<&RingObject::Handle>("handle"),
       InstanceAccessor<&RingObject::Geometry>("geometry"),
       InstanceAccessor<&RingObject::Word<&RingHeader::head>>("head"),
       InstanceAccessor<&RingObject::Word<&RingHeader::resultHead>>("resultHead"),
       InstanceAccessor<&RingObject::Word<&RingHeader::released>>("released"),
       InstanceAccessor<&RingObject::Word<&RingHeader::generation>>("generation"),
       InstanceAccessor<&RingObject::Word<&RingHeader::writerPid>>("writerPid"),
       InstanceAccessor<&RingObject::Word<&RingHeader::resultsLost>>("resultsLost"),
       InstanceMethod<&RingObject::FrameInfoOf>("frameInfo"), InstanceMethod<&RingObject::ReadFrame>("readFrame"),
       InstanceMethod<&RingObject::ReadResults>("readResults"),
       InstanceMethod<&RingObject::WriteResults>("writeResults"),
       InstanceMethod<&RingObject::TakeResultBlocks>("takeResults"),
       InstanceMethod<&RingObject::SetReleaser>("setReleaser"), InstanceMethod<&RingObject::Release>("release"),
       InstanceMethod<&RingObject::SetDoorbells>("setDoorbells"),
       InstanceMethod<&RingObject::UseDoorbells>("useDoorbells"), InstanceMethod<&RingObject::Close>("close")});
}

RingObject::RingObject(const Napi::CallbackInfo& info) : ObjectWrap(info), path_(StringArgument(info[0], "path")) {
  mapping_ = ThrowAsJs(info.Env(), [&] { return RingMapping::Open(path_); });
  handle_ = Napi::Persistent(MakeRingHandle(info.Env(), mapping_));
  info.This().As<Napi::Object>().TypeTag(&kTag);
}

std::shared_ptr<RingMapping> RingObject::Mapping() const {
  if (!mapping_) throw RingClosed(Env(), "the ring " + path_);
  return mapping_;
}

Napi::Value RingObject::Path(const Napi::CallbackInfo& info) { return Napi::String::New(info.Env(), path_); }

Napi::Value RingObject::Handle(const Napi::CallbackInfo&) {
  Mapping();
  return handle_.Value();
}

Napi::Value RingObject::Geometry(const Napi::CallbackInfo& info) {
  const RingGeometry& is = Mapping()->geometry();
  Napi::Object geometry = Napi::Object::New(info.Env());
  geometry.Set("slotCount", is.slotCount);
  geometry.Set("maxWidth", is.maxWidth);
  geometry.Set("maxHeight", is.maxHeight);
  geometry.Set("format", is.format == kFormatRgb3 ? "RGB3" : "I420");
  geometry.Set("mode", is.lossless ? "lossless" : "live");
  return geometry;
}

Napi::Value RingObject::FrameInfoOf(const Napi::CallbackInfo& info) {
  const auto frame = ReadSlot(*Mapping(), WholeArgument(info[0], "seq"), [](const FrameInfo&, const uint8_t*) {});
  return frame ? FrameInfoToJs(info.Env(), *frame) : info.Env().Null();
}

Napi::Value RingObject::ReadFrame(const Napi::CallbackInfo& info) {
  const uint64_t seq = WholeArgument(info[0], "seq");
  Napi::Uint8Array target = BytesArgument(info[1], "target");
  uint8_t* const bytes = target.Data();
  const size_t room = target.ByteLength();
  bool fits = true;
  const auto frame = ReadSlot(*Mapping(), seq, [&](const FrameInfo& lies, const uint8_t* pixels) {
    fits = lies.bytes <= room;
    if (fits && lies.bytes > 0) std::memcpy(bytes, pixels, lies.bytes);
  });
  if (!fits) throw Napi::RangeError::New(info.Env(), "target is smaller than the frame");
  return frame ? FrameInfoToJs(info.Env(), *frame) : info.Env().Null();
}

Napi::Value RingObject::ReadResults(const Napi::CallbackInfo& info) {
  const auto block = ReadResultBlock(*Mapping(), WholeArgument(info[0], "seq"));
  return block ? ResultsToJs(info.Env(), *block) : info.Env().Null();
}

Napi::Value RingObject::WriteResults(const Napi::CallbackInfo& info) {
  const uint64_t seq = WholeArgument(info[0], "seq");
  // The values first: a getter of theirs may close this ring.
  ResultBlock block = ResultsFromJs(info[1]);
  const auto mapping = Mapping();
  RingHeader& header = mapping->header();
  // Another engine has taken the ring since: two writers of one block would break its seqlock.
  const bool ours = epoch_ == 0 || Shared(header.resultEpoch).load(std::memory_order_acquire) == epoch_;
  const bool written = ours && WriteResultBlock(*mapping, seq, std::move(block));
  if (written && doorbells_) {
    // As in SlotWriter::Write: either we see the bell somebody has just set, or they see this result block.
    std::atomic_thread_fence(std::memory_order_seq_cst);
    doorbells_->Ring(Shared(header.resultBell).load(std::memory_order_relaxed));
  }
  return Napi::Boolean::New(info.Env(), written);
}

Napi::Value RingObject::TakeResultBlocks(const Napi::CallbackInfo& info) {
  epoch_ = TakeResults(*Mapping());
  return Napi::Number::New(info.Env(), epoch_);
}

void RingObject::SetReleaser(const Napi::CallbackInfo& info) {
  const std::string who = StringArgument(info[0], "who");
  if (who != "engine" && who != "render") throw Napi::TypeError::New(info.Env(), "who must be engine or render");
  Shared(Mapping()->header().releaser).store(who == "engine" ? kReleaserEngine : kReleaserRender);
}

void RingObject::Release(const Napi::CallbackInfo& info) {
  const uint64_t seq = WholeArgument(info[0], "seq");
  ReleaseFrames(*Mapping(), seq);
}

void RingObject::SetDoorbells(const Napi::CallbackInfo& info) {
  const uint32_t frames = Uint32Argument(info[0], "frames");
  const uint32_t results = Uint32Argument(info[1], "results");
  RingHeader& header = Mapping()->header();
  Shared(header.frameBell).store(frames);
  Shared(header.resultBell).store(results);
  // Whoever looks at head after this either sees every frame, or is rung for it.
  std::atomic_thread_fence(std::memory_order_seq_cst);
}

void RingObject::UseDoorbells(const Napi::CallbackInfo& info) {
  const auto& doorbells = WrappedArgument<DoorbellsObject>(info[0], "doorbells");
  Mapping();
  doorbells_ = doorbells.File();
}

void RingObject::Close(const Napi::CallbackInfo&) {
  if (!mapping_) return;
  // Whoever kept the handle finds it empty; native work that took its share before keeps the mapping until it is done.
  handle_.Value().Data()->mapping.reset();
  mapping_.reset();
  doorbells_.reset();
}

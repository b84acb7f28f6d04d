#include "waiting_thread.h"

#include <pthread.h>

#include <chrono>
#include <string>
#include <system_error>
#include <utility>

#include "native_error.h"

namespace {
// Nothing is owed to time here: a limit only so that no wait is without one.
constexpr std::chrono::milliseconds kLongestSleep{2000};
}  // namespace

WaitingThread::WaitingThread(Napi::Env env, std::shared_ptr<DoorbellFile> doorbells, uint32_t index,
                             Napi::Function onRing)
    : doorbells_(std::move(doorbells)),
      index_(index),
      pending_(std::make_shared<Pending>()),
      // The finalizer's copy of the shared_ptr keeps the context alive for as long as calls may be queued.
      onRing_(Function::New(env, onRing, "headcount doorbell", 0, 1, pending_.get(),
                            [kept = pending_](Napi::Env, void*, Pending*) {})) {
  try {
    thread_ = std::thread([this, seen = doorbells_->Value(index)] { Run(seen); });
  } catch (const std::system_error& failure) {
    onRing_.Release();
    throw NativeError("RING_IO", std::string("cannot start the thread of a doorbell: ") + failure.what());
  }
  pthread_setname_np(thread_.native_handle(), "doorbell");
}

WaitingThread::~WaitingThread() {
  pending_->ended = true;
  doorbells_->Ring(index_);
  thread_.join();
  onRing_.Release();
}

// On the native thread.
void WaitingThread::Run(uint32_t seen) {
  while (!pending_->ended) {
    const uint32_t now = doorbells_->Value(index_);
    if (now == seen) {
      doorbells_->Wait(index_, seen, kLongestSleep);
      continue;
    }
    seen = now;
    if (!pending_->ended && !pending_->call.exchange(true)) onRing_.NonBlockingCall();
  }
}

// On the JavaScript thread; without an environment while it is torn down.
void WaitingThread::CallJs(Napi::Env env, Napi::Function onRing, Pending* pending, void*) {
  if (static_cast<napi_env>(env) == nullptr || pending->ended) return;
  // Before the call: whatever rings from here on asks for another one. An exchange, not a store: it also makes seen
  // here what was written before the ring that found a call pending already.
  pending->call.exchange(false);
  try {
    onRing.Call({});
  } catch (const Napi::Error& error) {
    // Node only warns of what a native callback throws; for us it is a bug like any other, and ends the process.
    napi_fatal_exception(env, error.Value());
  }
}

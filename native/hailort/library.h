#pragma once

#include <mutex>
#include <string>

#include "abi.h"
#include "native_error.h"

namespace hailort {

// Every function of libhailort that we call, resolved at load.
struct Api {
#define HAILORT_POINTER(result, name, arguments) result(*name) arguments = nullptr;
  HAILORT_FUNCTIONS(HAILORT_POINTER)
#undef HAILORT_POINTER
};

// For example 4.23.0
std::string ToString(const Version& version);

// The libhailort of this machine, loaded once a process and never unloaded: it runs threads of its own, and dlclose
// would not stop them. Any thread.
class Library {
 public:
  // Looks for it (HAILORT_LIB, then the system's places), checks its version and resolves every symbol, once; later
  // calls answer the same. Throws NativeError LIBRARY_MISSING, LIBRARY_UNSUPPORTED (a major we do not know; 5.x) or
  // LIBRARY_INCOMPLETE (names the missing symbols). After a failure the next call tries again.
  static const Library& Get();
  // What Get() has loaded; nullptr before.
  static const Library* IfLoaded();

  const Api& api() const { return api_; }
  const Version& version() const { return version_; }
  const std::string& path() const { return path_; }
  // It is ours (native/simulator): no hardware behind it.
  bool simulated() const { return simulated_; }

 private:
  Library() = default;
  static Library Load();

  static std::mutex loading_;
  static const Library* loaded_;

  Api api_;
  Version version_{};
  std::string path_;
  bool simulated_ = false;
};

// The one place that maps foreign statuses: throws NativeError "HAILO_STATUS_<number>" unless it is success; the text
// names the call. Names and remedies are in native/hailort-status.ts.
inline void Check(Status status, const char* call) {
  if (status == Status::kSuccess) return;
  throw NativeError("HAILO_STATUS_" + std::to_string(static_cast<uint32_t>(status)), call);
}

}  // namespace hailort

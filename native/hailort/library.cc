#include "library.h"

#include <dlfcn.h>
#include <link.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <mutex>
#include <vector>

#include "library_places.h"

namespace hailort {
namespace {

// Of the HailoRT line of the Hailo-8 and 8L, of which we know 4.20 to 4.23.
constexpr uint32_t kMajor = 4;
constexpr uint32_t kOldestMinor = 20;
constexpr const char* kSimulatorMark = "headcount_hailort_simulator";

// libhailort would write ./hailort.log from the moment it is loaded. While this addon is loaded, not with the library:
// setenv is safe only where no other thread looks at the environment.
[[maybe_unused]] const int kLoggerSilenced = setenv("HAILORT_LOGGER_PATH", "NONE", 0);

// The first that loads; never closed again: libhailort has started a thread by then.
void* LoadFirst(const std::vector<std::string>& places) {
  std::string reasons;
  for (const std::string& place : places) {
    if (void* handle = dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL)) return handle;
    const char* reason = dlerror();
    reasons += std::string(reasons.empty() ? "" : "; ") + (reason == nullptr ? place : reason);
  }
  throw NativeError("LIBRARY_MISSING", "No libhailort can be loaded: " + reasons + ".");
}

std::string PathOf(void* handle) {
  link_map* map = nullptr;
  if (dlinfo(handle, RTLD_DI_LINKMAP, &map) != 0 || map == nullptr) return "libhailort.so";
  std::error_code error;
  const auto path = std::filesystem::canonical(map->l_name, error);
  return error ? map->l_name : path.string();
}

// Sets every function of `api`; throws LIBRARY_INCOMPLETE with the names of all that are missing.
void Resolve(void* handle, const std::string& path, Api& api) {
  std::string missing;
#define HAILORT_RESOLVE(result, name, arguments)                                  \
  api.name = reinterpret_cast<decltype(api.name)>(dlsym(handle, "hailo_" #name)); \
  if (api.name == nullptr) missing += std::string(missing.empty() ? "" : ", ") + "hailo_" #name;
  HAILORT_FUNCTIONS(HAILORT_RESOLVE)
#undef HAILORT_RESOLVE
  if (!missing.empty()) throw NativeError("LIBRARY_INCOMPLETE", path + " lacks " + missing + ".");
}

// Asked before the other functions are looked up: another product line may lack some of them.
Version VersionOf(void* handle, const std::string& path) {
  const auto ask = reinterpret_cast<Status (*)(Version*)>(dlsym(handle, "hailo_get_library_version"));
  if (ask == nullptr) throw NativeError("LIBRARY_INCOMPLETE", path + " lacks hailo_get_library_version.");
  Version version{};
  Check(ask(&version), "get_library_version");
  return version;
}

void CheckVersion(const Version& version, const std::string& path) {
  if (version.major == kMajor && version.minor >= kOldestMinor) return;
  const std::string is = path + " is HailoRT " + ToString(version) + ". ";
  if (version.major > kMajor) {
    throw NativeError("LIBRARY_UNSUPPORTED", is +
                                                 "Hailo-10H needs HailoRT 5, whose interface headcount does not speak: "
                                                 "it counts with a Hailo-8 or 8L.");
  }
  throw NativeError("LIBRARY_UNSUPPORTED", is + "headcount needs 4.20 or later of the 4.x line.");
}

}  // namespace

std::string ToString(const Version& version) {
  return std::to_string(version.major) + "." + std::to_string(version.minor) + "." + std::to_string(version.revision);
}

Library Library::Load() {
  void* const handle = LoadFirst(LibraryPlaces(std::getenv("HAILORT_LIB"), ""));
  Library library;
  library.path_ = PathOf(handle);
  library.version_ = VersionOf(handle, library.path_);
  CheckVersion(library.version_, library.path_);
  Resolve(handle, library.path_, library.api_);
  library.simulated_ = dlsym(handle, kSimulatorMark) != nullptr;
  return library;
}

const Library* Library::loaded_ = nullptr;
std::mutex Library::loading_;

const Library& Library::Get() {
  const std::lock_guard lock(loading_);
  // Leaked on purpose: threads of ours may use it while the process ends.
  if (loaded_ == nullptr) loaded_ = std::make_unique<const Library>(Load()).release();
  return *loaded_;
}

const Library* Library::IfLoaded() {
  const std::lock_guard lock(loading_);
  return loaded_;
}

}  // namespace hailort

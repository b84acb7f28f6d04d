#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string>

#include "entry_points.h"
#include "machine.h"
#include "status_names.h"

// Tells the binding that no hardware is behind this library.
extern "C" __attribute__((visibility("default"))) const char headcount_hailort_simulator[] = "headcount simulator 1";

namespace {

struct FileCloser {
  void operator()(FILE* file) const { std::fclose(file); }
};

// HailoRT writes ./hailort.log as soon as it is loaded, unless HAILORT_LOGGER_PATH names another folder or NONE.
void WriteLog() {
  const char* folder = std::getenv("HAILORT_LOGGER_PATH");
  if (folder != nullptr && std::string(folder) == "NONE") return;
  const std::string path = (folder == nullptr || *folder == '\0' ? std::string(".") : folder) + "/hailort.log";
  const std::unique_ptr<FILE, FileCloser> file(std::fopen(path.c_str(), "ae"));
  if (file != nullptr) std::fprintf(file.get(), "[%ld] libhailort-sim was loaded\n", static_cast<long>(time(nullptr)));
}

// dlclose does not unload libhailort: its threads run on.
void StayLoaded() {
  Dl_info self{};
  if (dladdr(reinterpret_cast<void*>(&WriteLog), &self) == 0) return;
  dlopen(self.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
}

__attribute__((constructor)) void Loaded() {
  WriteLog();
  StayLoaded();
}

}  // namespace

namespace hailort {

Status hailo_get_library_version(Version* version) {
  return Answer([&] {
    RequirePointers(version);
    *version = Machine::Get().settings().version;
  });
}

const char* hailo_get_status_message(Status status) { return StatusName(status); }

}  // namespace hailort

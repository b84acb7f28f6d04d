#include "library_places.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

namespace hailort {
namespace {

#if defined(__aarch64__)
constexpr const char* kMultiarchFolder = "/usr/lib/aarch64-linux-gnu";
#else
constexpr const char* kMultiarchFolder = "/usr/lib/x86_64-linux-gnu";
#endif
constexpr std::string_view kPrefix = "libhailort.so.";

// The numbers of "4.23.0"; none if it is no version.
std::vector<int> VersionIn(std::string_view text) {
  std::vector<int> numbers;
  while (!text.empty()) {
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc()) return {};
    numbers.push_back(number);
    text.remove_prefix(end - text.data());
    if (text.empty()) break;
    if (text.front() != '.') return {};
    text.remove_prefix(1);
  }
  return numbers;
}

void AddFilesOf(const std::string& folder, std::vector<std::string>& places) {
  std::vector<std::pair<std::vector<int>, std::string>> found;
  std::error_code none;  // a folder that is not there has no files
  for (const auto& entry : std::filesystem::directory_iterator(folder, none)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(kPrefix)) continue;
    auto version = VersionIn(std::string_view(name).substr(kPrefix.size()));
    if (!version.empty() && version.front() == 4) found.emplace_back(std::move(version), entry.path().string());
  }
  std::sort(found.rbegin(), found.rend());
  for (auto& [version, path] : found) places.push_back(std::move(path));
}

}  // namespace

std::vector<std::string> LibraryPlaces(const char* named, const std::string& root) {
  if (named != nullptr && *named != '\0') return {named};
  std::vector<std::string> places = {"libhailort.so"};
  for (const char* folder : {"/usr/lib", kMultiarchFolder, "/usr/local/lib"}) AddFilesOf(root + folder, places);
  return places;
}

}  // namespace hailort

#include "control.h"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include "core/file_descriptor.h"
#include "status_error.h"

namespace {

// More than any script of boxes needs.
constexpr off_t kMostBytes = 64 << 20;

// What is in the file, empty when there is none; `found` is what was read. Throws std::exception for anything else.
std::string ReadText(const std::string& path, struct stat& found) {
  // Opening a named pipe would otherwise wait for somebody who writes to it.
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  const auto fail = [] { throw std::system_error(errno, std::generic_category(), "it cannot be read"); };
  if (file.get() < 0 && errno == ENOENT) return {};
  if (file.get() < 0 || fstat(file.get(), &found) != 0) fail();
  if (!S_ISREG(found.st_mode)) throw std::invalid_argument("it is no file");
  if (found.st_size > kMostBytes) throw std::invalid_argument("it is too large");
  std::string text(static_cast<size_t>(found.st_size), '\0');
  const ssize_t size = read(file.get(), text.data(), text.size());
  if (size < 0) fail();
  text.resize(static_cast<size_t>(size));
  return text;
}

void RefuseUnknownKeys(const nlohmann::json& json) {
  static constexpr std::array<std::string_view, 11> kKeys{"devices",         "version", "pcie",  "detector", "fault",
                                                          "device",          "seconds", "times", "always",   "factor",
                                                          "degreesPerSecond"};
  if (!json.is_object()) throw std::invalid_argument("it is no object");
  for (const auto& [key, value] : json.items()) {
    if (std::find(kKeys.begin(), kKeys.end(), key) == kKeys.end()) {
      throw std::invalid_argument("nothing is called \"" + key + "\"");
    }
  }
}

bool SameFile(const struct stat& a, const struct stat& b) {
  return a.st_ino == b.st_ino && a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec &&
         a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

}  // namespace

Control::Control(std::string path) : path_(std::move(path)) {
  if (!watched()) return;
  stat(path_.c_str(), &seen_);
  looked_ = Clock::now();
  Read(true);
}

std::shared_ptr<const Orders> Control::orders() {
  const std::lock_guard lock(mutex_);
  const Time now = Clock::now();
  if (!watched() || now - looked_ < kLookEvery) return orders_;
  looked_ = now;
  struct stat found {};
  if (stat(path_.c_str(), &found) != 0) found = {};
  if (!SameFile(found, seen_)) {
    seen_ = found;
    Read(false);
  }
  return orders_;
}

std::optional<Fault> Control::Find(FaultKind kind, const std::string& device) {
  const auto now = orders();
  if (!now->fault || now->fault->kind != kind || !now->fault->Lasts()) return std::nullopt;
  if (!now->fault->device.empty() && now->fault->device != device) return std::nullopt;
  return now->fault;
}

void Control::Read(bool first) {
  orders_ = std::make_shared<Orders>();
  try {
    const std::string text = ReadText(path_, seen_);
    if (text.empty()) return;  // not there, or about to be written
    const auto json = nlohmann::json::parse(text);
    RefuseUnknownKeys(json);
    auto settings = ParseSettings(json);
    auto orders = std::make_shared<Orders>(ParseOrders(json));
    if (orders->fault) {
      const auto& mtime = seen_.st_mtim;
      orders->fault->sinceUnixSeconds = static_cast<double>(mtime.tv_sec) + static_cast<double>(mtime.tv_nsec) * 1e-9;
      orders->fault->content = std::to_string(mtime.tv_sec) + "." + std::to_string(mtime.tv_nsec) + "." +
                               std::to_string(std::hash<std::string>{}(text));
    }
    // Nothing is taken of a file with a mistake in any part.
    if (first) settings_ = std::move(settings);
    orders_ = std::move(orders);
  } catch (const std::exception& error) {
    Say("control file " + path_ + " is taken for {}: " + error.what());
  }
}

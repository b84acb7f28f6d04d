#include <algorithm>
#include <cstdio>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "hog_sight.h"
#include "onnx_sight.h"

namespace {

// A larger input would take minutes, and its sizes would not fit OpenCV's.
constexpr uint32_t kMostSide = 8192;

std::unique_ptr<Sight> Open(std::string_view kind, const char* file) {
  if (kind == "hog") return std::make_unique<HogSight>();
  if (kind == "onnx") return OnnxSight::Open(file ? file : "");
  throw std::invalid_argument("There are no eyes of the kind \"" + std::string(kind) + "\".");
}

// OpenCV's messages have several lines.
void WriteLine(const char* text, char* error, size_t errorSize) {
  if (!error || errorSize == 0) return;
  std::snprintf(error, errorSize, "%s", text);
  std::string_view line(error);
  while (!line.empty() && (line.back() == '\n' || line.back() == ' ')) line.remove_suffix(1);
  error[line.size()] = '\0';
  for (char* letter = error; *letter; ++letter) {
    if (*letter == '\n') *letter = ' ';
  }
}

}  // namespace

extern "C" {

void* sim_vision_open(const char* kind, const char* file, char* error, size_t errorSize) {
  try {
    return Open(kind ? kind : "", file).release();  // until sim_vision_close
  } catch (const std::exception& failure) {
    WriteLine(failure.what(), error, errorSize);
    return nullptr;
  }
}

int sim_vision_find(void* eyes, const uint8_t* rgb, uint32_t width, uint32_t height, SimBox* boxes, size_t capacity) {
  if (!eyes || !rgb || width == 0 || height == 0 || width > kMostSide || height > kMostSide) return -1;
  if (!boxes && capacity > 0) return -1;
  try {
    const auto found = static_cast<Sight*>(eyes)->Look({rgb, static_cast<int>(width), static_cast<int>(height)});
    const size_t count = std::min(found.size(), capacity);
    std::copy_n(found.begin(), count, boxes);
    return static_cast<int>(count);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "libhailort-sim-vision: %s\n", failure.what());
    return -1;
  }
}

void sim_vision_close(void* eyes) { const std::unique_ptr<Sight> closed(static_cast<Sight*>(eyes)); }
}

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "../nms.h"
#include "native_error.h"

// A process of its own for test/hailort: decodes answers that no simulator would give. Each order on stdin is
//   u32 classes, u32 maxBoxesPerClass, u32 floats, f32 scoreThreshold, f32 iouThreshold (NaN: none),
//   i32 only this class (-1: all), f64 x, y, width, height of the picture's part, floats × f32
// and gives one line on stdout: the values as a JSON array, or the failure's code as a JSON string.

namespace {

template <typename Value>
bool Take(Value* values, size_t count = 1) {
  return std::fread(values, sizeof(Value), count, stdin) == count;
}

std::optional<float> OrNone(float threshold) { return std::isnan(threshold) ? std::nullopt : std::optional(threshold); }

void Answer(const std::vector<float>& values) {
  std::string line = "[";
  for (const float value : values) {
    char text[32];
    std::snprintf(text, sizeof(text), "%s%.9g", line.size() > 1 ? "," : "", static_cast<double>(value));
    line += text;
  }
  std::printf("%s]\n", line.c_str());
}

}  // namespace

int main() {
  hailort::NmsLayout layout{};
  while (Take(&layout.classes)) {
    uint32_t floats = 0;
    float score = 0, iou = 0;
    int32_t onlyClass = 0;
    double part[4];
    if (!Take(&layout.maxBoxesPerClass) || !Take(&floats) || !Take(&score) || !Take(&iou) || !Take(&onlyClass) ||
        !Take(part, 4)) {
      return 2;
    }
    // Exactly as large as the answer, so that a sanitizer sees every value read beyond it.
    const auto answer = std::make_unique<float[]>(floats);
    if (!Take(answer.get(), floats)) return 2;
    hailort::NmsFilter filter{OrNone(score), OrNone(iou), {}};
    if (onlyClass >= 0) {
      filter.classes.resize(static_cast<size_t>(onlyClass) + 1);
      filter.classes[static_cast<size_t>(onlyClass)] = true;
    }
    try {
      Answer(hailort::DecodeNms(answer.get(), floats, layout, filter, {part[0], part[1], part[2], part[3]}));
    } catch (const NativeError& failure) {
      std::printf("\"%s\"\n", failure.code().c_str());
    }
  }
}

#include "model_input.h"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include "protobuf.h"

namespace {

// Field numbers of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
constexpr uint64_t kModelGraph = 7;
constexpr uint64_t kGraphInitializer = 5;
constexpr uint64_t kGraphInput = 11;
constexpr uint64_t kInitializerName = 8;
constexpr uint64_t kInputName = 1;
constexpr uint64_t kInputType = 2;
constexpr uint64_t kTypeTensor = 1;
constexpr uint64_t kTensorShape = 2;
constexpr uint64_t kShapeDimension = 1;
constexpr uint64_t kDimensionValue = 1;

constexpr uint64_t kMostSide = 4096;

using Bytes = std::span<const uint8_t>;

std::vector<Bytes> All(Bytes message, uint64_t number) {
  std::vector<Bytes> found;
  for (const Field& field : ReadFields(message)) {
    if (field.number == number) found.push_back(field.bytes);
  }
  return found;
}

Bytes One(Bytes message, uint64_t number) {
  const auto found = All(message, number);
  if (found.empty()) throw std::runtime_error("it is no ONNX file of a network that takes a picture");
  return found[0];
}

std::string TextOf(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

// 0 for a side that has a name instead of a number, or any.
uint64_t SideOf(Bytes dimension) {
  for (const Field& field : ReadFields(dimension)) {
    if (field.number == kDimensionValue && field.bytes.empty()) return field.value;
  }
  return 0;
}

// Old files list their weights as inputs, too.
Bytes PictureInput(Bytes graph) {
  std::vector<std::string> weights;
  for (const Bytes weight : All(graph, kGraphInitializer)) weights.push_back(TextOf(One(weight, kInitializerName)));
  std::vector<Bytes> inputs = All(graph, kGraphInput);
  std::erase_if(inputs, [&](Bytes input) {
    return std::find(weights.begin(), weights.end(), TextOf(One(input, kInputName))) != weights.end();
  });
  if (inputs.size() != 1) throw std::runtime_error("it has not one input but " + std::to_string(inputs.size()));
  return inputs[0];
}

}  // namespace

cv::Size ReadModelInput(Bytes file) {
  const Bytes tensor = One(One(PictureInput(One(file, kModelGraph)), kInputType), kTypeTensor);
  std::vector<uint64_t> sides;
  for (const Bytes dimension : All(One(tensor, kTensorShape), kShapeDimension)) sides.push_back(SideOf(dimension));
  if (sides.size() != 4 || sides[0] > 1 || sides[1] != 3 || sides[2] > kMostSide || sides[3] > kMostSide) {
    throw std::runtime_error("it does not take one picture of three planes");
  }
  return {static_cast<int>(sides[3]), static_cast<int>(sides[2])};
}

#include "onnx_sight.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <opencv2/imgproc.hpp>
#include <stdexcept>
#include <utility>

#include "core/letterbox.h"
#include "model_input.h"
#include "overlap.h"
#include "picture_place.h"

namespace {

constexpr int kUsualSide = 640;  // of a model that takes any size
constexpr float kLeastScore = 0.2F;
constexpr float kMostIou = 0.45F;

std::vector<uint8_t> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<uint8_t> bytes{std::istreambuf_iterator<char>(file), {}};
  if (bytes.empty()) throw std::runtime_error("it cannot be read");
  return bytes;
}

std::vector<int> ShapeOf(const cv::Mat& output) { return {output.size.p, output.size.p + output.dims}; }

// The model's input: the picture put where its family wants it, in the colours it was trained with.
cv::Mat BlobOf(YoloKind kind, const cv::Mat& picture, cv::Size input, const cv::Rect& place) {
  cv::Mat letterbox(input, CV_8UC3, cv::Scalar::all(kLetterboxGrey));
  cv::Mat inside = letterbox(place);
  const bool smaller = place.height < picture.rows;
  cv::resize(picture, inside, inside.size(), 0, 0, smaller ? cv::INTER_AREA : cv::INTER_LINEAR);
  const bool yolox = kind == YoloKind::kYolox;
  return cv::dnn::blobFromImage(letterbox, yolox ? 1 : 1.0 / 255, {}, {}, yolox);
}

cv::Rect PlaceOf(YoloKind kind, const cv::Mat& picture, cv::Size input) {
  const PicturePlace place = FitPicture(picture.cols, picture.rows, input.width, input.height,
                                        kind == YoloKind::kYolox ? Placing::kTopLeft : Placing::kCentre);
  return {static_cast<int>(place.x), static_cast<int>(place.y), static_cast<int>(place.width),
          static_cast<int>(place.height)};
}

// Pixels of the model's input as 0–1 of the picture.
SimBox BoxInPicture(const SimBox& box, const cv::Rect& place) {
  const auto share = [](float pixels, int start, int side) {
    return std::clamp((pixels - static_cast<float>(start)) / static_cast<float>(side), 0.0F, 1.0F);
  };
  return {share(box.x1, place.x, place.width),
          share(box.y1, place.y, place.height),
          share(box.x2, place.x, place.width),
          share(box.y2, place.y, place.height),
          box.score,
          box.classId};
}

}  // namespace

std::unique_ptr<Sight> OnnxSight::Open(const std::string& file) {
  try {
    const std::vector<uint8_t> bytes = ReadFile(file);
    cv::Size input = ReadModelInput(bytes);
    if (input.empty()) input = {kUsualSide, kUsualSide};
    cv::dnn::Net net = cv::dnn::readNetFromONNX(bytes);
    net.setPreferableBackend(cv::dnn::DNN_BACKEND_OPENCV);
    net.setInput(cv::Mat({1, 3, input.height, input.width}, CV_32F, cv::Scalar::all(0)));
    const auto kind = KindOfOutput(ShapeOf(net.forward()), input);
    if (!kind) throw std::runtime_error("its output is neither YOLOX's nor YOLOv8's");
    return std::make_unique<OnnxSight>(std::move(net), input, *kind);
  } catch (const std::exception& failure) {
    throw std::runtime_error(file + " is no model that can be used: " + failure.what());
  }
}

std::vector<SimBox> OnnxSight::Look(const InputFrame& frame) {
  const cv::Rect where = FindPicture(frame);
  if (where.empty()) return {};
  const cv::Mat picture = PixelsOf(frame, where);
  const cv::Rect place = PlaceOf(kind_, picture, input_);
  net_.setInput(BlobOf(kind_, picture, input_, place));
  std::vector<SimBox> inPicture;
  for (const SimBox& found : BoxesInOutput(kind_, net_.forward(), input_, kLeastScore)) {
    const SimBox box = BoxInPicture(found, place);
    if (box.x1 < box.x2 && box.y1 < box.y2) inPicture.push_back(box);
  }
  std::vector<SimBox> boxes = WithoutRepeats(std::move(inPicture), kMostIou);
  for (SimBox& box : boxes) box = BoxInInput(box, where, frame);
  return boxes;
}

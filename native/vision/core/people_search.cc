#include "people_search.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace {

// The tallest person searched for, measured by the smallest. Larger ones are not found well in any case: the pyramid
// shrinks without averaging, and what it then sees is mostly noise.
constexpr double kSizeRange = 2.4;

// A window is larger than the person in it, by the same shares for both classifiers (measured against the truth clips).
constexpr float kShrinkX = 0.2F;
constexpr float kShrinkY = 0.1F;

int LevelsFor(double scale) { return static_cast<int>(std::ceil(std::log(kSizeRange) / std::log(scale))) + 1; }

PersonBox FitPerson(const cv::Rect& window, double margin, const BorderedLuma& luma) {
  const auto width = static_cast<float>(luma.picture.width);
  const auto height = static_cast<float>(luma.picture.height);
  const auto border = static_cast<float>(luma.border);
  const float dx = kShrinkX * static_cast<float>(window.width);
  const float dy = kShrinkY * static_cast<float>(window.height);
  const auto x = static_cast<float>(window.x) - border;
  const auto y = static_cast<float>(window.y) - border;
  const auto share = [](float pixels, float side) { return std::clamp(pixels / side, 0.0F, 1.0F); };
  return {share(x + dx, width), share(y + dy, height), share(x + static_cast<float>(window.width) - dx, width),
          share(y + static_cast<float>(window.height) - dy, height), static_cast<float>(margin)};
}

}  // namespace

PeopleSearch::PeopleSearch() : daimler_({48, 96}, {16, 16}, {8, 8}, {8, 8}, 9) {
  // Off unless told in this constructor; without it dark clothes before a dark wall cost a sixth of the people.
  daimler_.gammaCorrection = true;
  default_.setSVMDetector(cv::HOGDescriptor::getDefaultPeopleDetector());
  daimler_.setSVMDetector(cv::HOGDescriptor::getDaimlerPeopleDetector());
}

std::vector<PersonBox> PeopleSearch::Find(const BorderedLuma& luma, const HogSearch& search) {
  cv::HOGDescriptor& hog = search.people == People::kDefault ? default_ : daimler_;
  hog.nlevels = LevelsFor(search.scale);
  const auto stride = static_cast<int>(search.stride);
  std::vector<cv::Rect> windows;
  std::vector<double> margins;
  constexpr double kNoGroupingOfItsOwn = 0;
  const cv::Mat plane = luma.plane();
  // OpenCV 4.6 reads beyond a picture that holds no window.
  if (plane.cols < hog.winSize.width || plane.rows < hog.winSize.height) return {};
  hog.detectMultiScale(plane, windows, margins, search.hitThreshold, {stride, stride}, {}, search.scale,
                       kNoGroupingOfItsOwn);
  std::vector<PersonBox> people;
  people.reserve(windows.size());
  for (size_t index = 0; index < windows.size(); ++index) {
    const PersonBox box = FitPerson(windows[index], margins[index], luma);
    if (box.x1 < box.x2 && box.y1 < box.y2) people.push_back(box);
  }
  return GroupWindows(std::move(people));
}

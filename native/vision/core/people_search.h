#pragma once

#include <opencv2/objdetect.hpp>
#include <vector>

#include "grouping.h"
#include "luma.h"

// Around the picture, so that somebody who fills it or stands at its edge still fits into a window with the margin the
// classifiers were trained with: without it nobody is found in a picture of one tall person.
inline constexpr int kSearchBorder = 32;

enum class People { kDefault, kDaimler };

struct HogSearch {
  People people;
  uint32_t searchHeight;
  uint32_t stride;
  double scale;
  double hitThreshold;
};

// OpenCV's two HOG people classifiers. Owner: whoever looks at frames. Any thread, one call at a time; it works on
// OpenCV's own threads.
class PeopleSearch {
 public:
  PeopleSearch();

  // The people in a picture that was scaled to `search.searchHeight`, with its border filled; 0–1 of the picture.
  std::vector<PersonBox> Find(const BorderedLuma& luma, const HogSearch& search);

 private:
  cv::HOGDescriptor default_;
  cv::HOGDescriptor daimler_;
};

#pragma once

#include <mutex>
#include <opencv2/objdetect.hpp>
#include <optional>
#include <vector>

#include "core/buffer_pool.h"
#include "grouping.h"
#include "luma.h"

enum class People { kDefault, kDaimler };

struct HogSearch {
  People people;
  uint32_t searchHeight;
  uint32_t stride;
  double scale;
  double hitThreshold;
};

struct FoundPeople {
  FrameInfo info;
  std::vector<PersonBox> boxes;
};

// OpenCV's two HOG people classifiers on the Y plane of ring frames. Owner: the JavaScript object and every search
// under way. Any thread; one search at a time, on OpenCV's own threads.
class PeopleSearch {
 public:
  PeopleSearch();

  // nullopt when the frame was overwritten before it was copied.
  std::optional<FoundPeople> Find(const RingMapping& ring, uint64_t seq, const HogSearch& search);

 private:
  std::mutex oneAtATime_;
  BufferPool pool_{1};
  cv::HOGDescriptor default_;
  cv::HOGDescriptor daimler_;
};

#pragma once

#include <opencv2/core/mat.hpp>

#include "core/buffer_pool.h"
#include "core/people_search.h"
#include "sight.h"

// OpenCV's people detector, as the `hog` backend uses it. A frame does not tell which stream it belongs to, so nothing
// can be learnt of how large people are there: in each picture it is judged anew.
class HogSight final : public Sight {
 public:
  std::vector<SimBox> Look(const InputFrame& frame) override;

 private:
  std::vector<PersonBox> Search(const cv::Mat& grey, const HogSearch& search);

  BufferPool pool_{1};
  PeopleSearch people_;
};

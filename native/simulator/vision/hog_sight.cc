#include "hog_sight.h"

#include <opencv2/imgproc.hpp>

#include "hog_score.h"
#include "picture_place.h"
#include "search_heights.h"

namespace {

// The engine's default threshold: weaker windows would move the boxes of the stronger ones away from those that the
// `hog` backend finds.
constexpr double kLeastScore = 0.3;
constexpr uint32_t kStride = 8;
constexpr double kScaleSteps = 1.05;
constexpr uint32_t kPersonClass = 0;

}  // namespace

std::vector<PersonBox> HogSight::Search(const cv::Mat& grey, const HogSearch& search) {
  const BorderedLuma luma = MakeLuma(grey.size(), static_cast<int>(search.searchHeight), kSearchBorder, pool_);
  ScalePixels(grey, luma.inside());
  luma.RepeatEdges();
  return people_.Find(luma, search);
}

std::vector<SimBox> HogSight::Look(const InputFrame& frame) {
  // Without the letterbox's grey: its edges look like somebody's outline.
  const cv::Rect where = FindPicture(frame);
  if (where.empty()) return {};
  cv::Mat grey;
  cv::cvtColor(PixelsOf(frame, where), grey, cv::COLOR_RGB2GRAY);
  const std::vector<int> heights = SearchHeights(grey.size());
  std::vector<double> evidence;
  for (const int height : heights) evidence.push_back(EvidenceOf(Search(grey, JudgeSearch(grey.size(), height))));
  const auto height = BestHeight(heights, evidence);
  if (!height) return {};
  const double sure = SureMargin(People::kDaimler, SearchedPixels(grey.size(), *height));
  const HogSearch search = {People::kDaimler, static_cast<uint32_t>(*height), kStride, kScaleSteps,
                            MarginOfScore(kLeastScore, sure)};
  std::vector<SimBox> boxes;
  for (const PersonBox& found : Search(grey, search)) {
    const auto score = static_cast<float>(ScoreOfMargin(found.margin, sure));
    boxes.push_back(BoxInInput({found.x1, found.y1, found.x2, found.y2, score, kPersonClass}, where, frame));
  }
  return boxes;
}

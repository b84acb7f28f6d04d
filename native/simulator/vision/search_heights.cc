#include "search_heights.h"

#include <algorithm>
#include <cmath>

namespace {

// As in agent/engine/detectors/hog-scale.ts: no larger search is worth its time, and enlarging further adds no detail.
constexpr double kMostPixels = 1e6;
constexpr double kMostEnlargement = 2;
constexpr double kHighest = 720;
constexpr double kLowest = 96;
constexpr double kSizeRange = 2.4;

constexpr uint32_t kStride = 8;
// A large search is judged by fewer steps of its pyramid, at a third of the time; a small one cannot spare any.
constexpr double kLargePixels = 250'000;
constexpr double kFineSteps = 1.05;
constexpr double kCoarseSteps = 1.2;

// Margins of the default classifier: from the first one on a window counts, fully from the second. A single picture
// must do with weaker traces than the rounds of hog-scale.ts (measured on two clips).
constexpr double kEvidenceFrom = 0.6;
constexpr double kEvidenceFull = 1.6;
constexpr double kLeastEvidence = 0.1;

// As in hog-scale.ts: the lowest height does that sees this share of what the best one sees; what that one sees more
// may be chance, as long as it is less than one person and no more than the lower one sees.
constexpr double kGoodEnough = 0.8;
constexpr double kMostByChance = 1;
constexpr double kChanceShare = 0.5;

}  // namespace

std::vector<int> SearchHeights(cv::Size picture) {
  const double aspect = static_cast<double>(picture.width) / picture.height;
  const double highest = std::min({kHighest, kMostEnlargement * picture.height, std::sqrt(kMostPixels / aspect)});
  std::vector<int> heights = {std::max(1, static_cast<int>(highest))};
  for (double height = highest / kSizeRange; height >= kLowest; height /= kSizeRange) {
    heights.push_back(static_cast<int>(std::lround(height)));
  }
  std::reverse(heights.begin(), heights.end());
  return heights;
}

double SearchedPixels(cv::Size picture, int height) {
  return static_cast<double>(height) * height * picture.width / picture.height;
}

HogSearch JudgeSearch(cv::Size picture, int height) {
  const double steps = SearchedPixels(picture, height) > kLargePixels ? kCoarseSteps : kFineSteps;
  return {People::kDefault, static_cast<uint32_t>(height), kStride, steps, kEvidenceFrom};
}

double EvidenceOf(const std::vector<PersonBox>& people) {
  double sum = 0;
  for (const PersonBox& person : people) {
    sum += std::clamp((person.margin - kEvidenceFrom) / (kEvidenceFull - kEvidenceFrom), 0.0, 1.0);
  }
  return sum;
}

std::optional<int> BestHeight(const std::vector<int>& heights, const std::vector<double>& evidence) {
  const double most = *std::max_element(evidence.begin(), evidence.end());
  if (most < kLeastEvidence) return std::nullopt;
  const double enough = std::min(kGoodEnough, std::max(1 - kMostByChance / most, kChanceShare)) * most;
  const auto first = std::find_if(evidence.begin(), evidence.end(), [&](double one) { return one >= enough; });
  return heights[static_cast<size_t>(first - evidence.begin())];
}

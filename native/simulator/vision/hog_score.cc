#include "hog_score.h"

#include <cmath>

namespace {

// A classifier's sure margin in a search of a million pixels, and how it grows with the logarithm of the size.
constexpr double kSureDefault = 0.9;
constexpr double kSureDaimler = 2.05;
constexpr double kGrowth = 0.27;
constexpr double kSteepness = 2.5;
constexpr double kSureScore = 0.6;

double Logit(double share) { return std::log(share / (1 - share)); }

}  // namespace

double SureMargin(People people, double searchedPixels) {
  const double sure = people == People::kDefault ? kSureDefault : kSureDaimler;
  return sure + kGrowth * std::log(searchedPixels / 1e6);
}

double ScoreOfMargin(double margin, double sure) {
  return 1 / (1 + std::exp(-kSteepness * (margin - sure) - Logit(kSureScore)));
}

double MarginOfScore(double score, double sure) { return sure + (Logit(score) - Logit(kSureScore)) / kSteepness; }

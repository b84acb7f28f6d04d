#pragma once

#include <opencv2/core/types.hpp>
#include <optional>
#include <vector>

#include "core/people_search.h"

// Heights at which a picture is searched, lowest first: each finds people of a 2.4-fold range of sizes, and together
// they find everybody from a ninth of the picture's height on, as long as it may be enlarged that far. Never empty.
std::vector<int> SearchHeights(cv::Size picture);

// Pixels of a picture of this shape at this height.
double SearchedPixels(cv::Size picture, int height);

// How the classifier that is hard to fool looks at one height, to judge whether people of that size are there.
HogSearch JudgeSearch(cv::Size picture, int height);

// What it proves: how many people, each weighted by how sure they are.
double EvidenceOf(const std::vector<PersonBox>& people);

// The height to believe, by the evidence at each; nullopt when there is no trace of anybody. A higher one must prove
// clearly more: with many more windows it finds something by chance.
std::optional<int> BestHeight(const std::vector<int>& heights, const std::vector<double>& evidence);

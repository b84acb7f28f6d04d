#pragma once

#include "core/people_search.h"

// Margins of OpenCV's people classifiers as scores, by the formula and with the figures of the `hog` backend
// (agent/engine/detectors/hog-score.ts), so that a score threshold means the same behind a simulated network.

// The margin from which on a window is taken for a person by itself in a search of so many pixels.
double SureMargin(People people, double searchedPixels);

// 0–1; 0.6 at the sure margin: there a track starts at the default threshold of 0.3.
double ScoreOfMargin(double margin, double sure);

// The margin that has this score, 0 < score < 1.
double MarginOfScore(double score, double sure);

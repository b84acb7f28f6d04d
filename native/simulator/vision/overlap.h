#pragma once

#include <vector>

#include "vision_plugin.h"

// Best first; of boxes of one class that overlap a better one by more than this (shared ÷ union) none is left.
std::vector<SimBox> WithoutRepeats(std::vector<SimBox> boxes, float mostIou);

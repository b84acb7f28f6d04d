#pragma once

#include <vector>

// A window that looks like a person, 0–1 of the frame, with the margin the classifier gave it.
struct PersonBox {
  float x1, y1, x2, y2, margin;
};

// One box a person: around each best window those that overlap it much (or lie in it) are taken for the same person,
// and the box is their mean, weighted by margin. Strongest first; the same windows in any order give the same boxes.
std::vector<PersonBox> GroupWindows(std::vector<PersonBox> windows);

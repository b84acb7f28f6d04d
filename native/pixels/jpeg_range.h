#pragma once

#include "picture.h"

// Stretches an I420 picture from the range of video (16 to 235, as it lies in a ring) to that of JPEG (0 to 255), in
// place: black becomes black, not dark grey. What lies outside the range of video is cut off. Any thread.
void StretchToJpegRange(Picture& picture);

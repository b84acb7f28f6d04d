#pragma once

#include "core/slot_reader.h"
#include "picture.h"

// Draws what a result block says onto the picture: an outline and the track's number, in a colour of the track's own;
// dimmer where the tracker alone predicted it. Boxes may lie anywhere, be upside down or no numbers at all: what is
// outside the picture is not drawn.
void DrawBoxes(Picture& picture, const ResultBlock& results);

#pragma once

#include <glib-object.h>

// `hcringsink`: a video sink that writes each frame into the ring of SinkDesk's target (ring.h's SlotWriter), one copy
// a frame. Property `ends`: an end of stream is the end of the source and gets a slot of its own; without it (a loop, a
// camera) it only marks the next frame as a discontinuity.
GType RingSinkType();

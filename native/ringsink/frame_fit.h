#pragma once

#include <glib-object.h>

// `hcfit`: a bin that makes frames fit a stream. Properties `max-width` and `max-height` (the largest picture; the size
// is decided when the source says what it gives, again on each change), `max-fps` (0 = all). What is too many is
// dropped before it is converted or scaled.
GType FrameFitType();

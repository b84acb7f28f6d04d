#pragma once

#include <cstddef>
#include <cstdint>

// I420 in a ring has the range of video, always: black is 16, white 235, chroma 16 to 240. JPEG (so USB cameras) uses
// all of 0 to 255; these copy such samples into the range of video. `from` and `to` do not overlap. Any thread.

void CopyLumaToVideoRange(const uint8_t* from, uint8_t* to, size_t count);
void CopyChromaToVideoRange(const uint8_t* from, uint8_t* to, size_t count);

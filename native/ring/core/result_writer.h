#pragma once

#include <cstdint>

#include "mapping.h"
#include "slot_reader.h"

// Writes the result block of frame `seq` and moves resultHead forward; at most 128 detections, the lowest scores are
// cut. false, and resultsLost + 1, when the slot was overwritten first. One writer of results a ring.
bool WriteResultBlock(const RingMapping& ring, uint64_t seq, ResultBlock block);

// Makes this process the owner of the result blocks; returns the new epoch.
uint32_t TakeResults(const RingMapping& ring);

// Lossless: frames up to `seq` may be overwritten; wakes the writer. Never goes back, never beyond head.
void ReleaseFrames(const RingMapping& ring, uint64_t seq);

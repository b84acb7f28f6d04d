#pragma once

#include <cstdint>
#include <vector>

#include "vision_plugin.h"

// A frame as a network is given it: RGB, tightly packed. Owner: the caller, for the time of the call.
struct InputFrame {
  const uint8_t* rgb;
  int width, height;
};

// Who sees for a simulated network. Owner: the simulator, through sim_vision_open. Any thread, one call at a time.
class Sight {
 public:
  Sight() = default;
  Sight(const Sight&) = delete;
  Sight& operator=(const Sight&) = delete;
  virtual ~Sight() = default;

  // Each object once, best first; 0–1 of the frame.
  virtual std::vector<SimBox> Look(const InputFrame& frame) = 0;
};

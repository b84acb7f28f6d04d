#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "detector.h"
#include "network.h"

// Sees for one network group. Owner: the group; used by its chip's thread (opening: any thread, before).
class Eyes {
 public:
  // Opens the plugin for a network that needs it. Throws StatusError kNotSupported, with a line on stderr.
  explicit Eyes(const Network& network);

  // Boxes of the `number`-th frame since configure, 0–1 of the input; nullopt, with a line on stderr, when nobody could
  // look. `instead`: the control file's detector, or NULL. The boxes live until the next call.
  std::optional<std::span<const SimBox>> Find(uint64_t number, const uint8_t* rgb,
                                              std::shared_ptr<const Detector> instead);

 private:
  struct PluginCloser {
    void operator()(void* eyes) const;
  };

  void Open(const Detector& detector);
  std::optional<std::span<const SimBox>> Look(const uint8_t* rgb);

  const Network& network_;
  std::shared_ptr<const Detector> instead_;  // the plugin was tried for it
  std::unique_ptr<void, PluginCloser> plugin_;
  std::vector<SimBox> boxes_;
};

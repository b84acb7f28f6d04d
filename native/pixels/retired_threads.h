#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "encoder_threads.h"

// Encoder threads whose encoder is closed, until they have come to their end: at the lowest priority that may take
// seconds, for which the event loop must not stand still. One for each environment, as its instance data: the rest is
// joined when the environment ends, before the addon may be unloaded. JavaScript thread only.
class RetiredThreads {
 public:
  // Stops them; what has ended since is joined.
  void Add(std::unique_ptr<EncoderThreads> threads) {
    threads->RequestStop();
    threads_.push_back(std::move(threads));
    std::erase_if(threads_, [](const auto& retired) { return retired->ended(); });
  }

 private:
  std::vector<std::unique_ptr<EncoderThreads>> threads_;
};

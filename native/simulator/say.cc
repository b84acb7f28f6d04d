#include <unistd.h>

#include <cstdlib>

#include "status_error.h"

void Say(const std::string& line) {
  const std::string text = "hailort-sim: " + line + "\n";
  // A line that cannot be written has nobody who reads it.
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, text.data(), text.size());
}

void Die(const std::string& line) {
  Say(line);
  std::abort();
}

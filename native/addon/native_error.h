#pragma once

#include <stdexcept>
#include <string>
#include <utility>

// The one exception type of the addons: a failure that was foreseen. `code` becomes `error.code` in JavaScript, where
// the remedy is known. Thrown on any thread; crosses into JavaScript only through AsyncCall or ThrowAsJs.
class NativeError : public std::runtime_error {
 public:
  NativeError(std::string code, const std::string& message) : std::runtime_error(message), code_(std::move(code)) {}

  const std::string& code() const { return code_; }

 private:
  std::string code_;
};

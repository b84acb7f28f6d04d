#pragma once

#include <new>
#include <string>
#include <utility>

#include "../hailort/abi.h"

// The status that an entry point answers instead of going on. Thrown inside the simulator only; Answer catches it.
struct StatusError {
  hailort::Status status;
};

// One line on stderr: what a real library would write into its log, or what whoever tests has to know.
void Say(const std::string& line);

// The program broke a rule of HailoRT in a way that is undefined behaviour there: says so and aborts, so that a test
// sees it.
[[noreturn]] void Die(const std::string& line);

// What every entry point does: HailoRT checks its pointers, and nothing is ever thrown out of it.
template <typename Body>
hailort::Status Answer(const Body& body) {
  try {
    body();
    return hailort::Status::kSuccess;
  } catch (const StatusError& error) {
    return error.status;
  } catch (const std::bad_alloc&) {
    return hailort::Status::kOutOfHostMemory;
  } catch (const std::exception& error) {
    Say(error.what());
    return hailort::Status::kInternalFailure;
  }
}

inline void Require(bool holds, hailort::Status otherwise) {
  if (!holds) throw StatusError{otherwise};
}

template <typename... Pointers>
void RequirePointers(Pointers... pointers) {
  Require((... && (pointers != nullptr)), hailort::Status::kInvalidArgument);
}

// The rule of every `count` argument: room in, number out, nothing is written when the room is too small.
template <typename Target, typename Values>
void GiveAll(const Values& values, Target* room, size_t* count) {
  const size_t capacity = std::exchange(*count, values.size());
  Require(capacity >= values.size(), hailort::Status::kInsufficientBuffer);
  for (size_t i = 0; i < values.size(); i++) room[i] = values[i];
}

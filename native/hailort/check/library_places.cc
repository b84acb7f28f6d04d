#include "../library_places.h"

#include <cstdio>
#include <cstdlib>

// Prints where libhailort is looked for, one place a line: under the folder that is the first argument.
int main(int count, char** arguments) {
  const char* const root = count > 1 ? arguments[1] : "";
  for (const auto& place : hailort::LibraryPlaces(std::getenv("HAILORT_LIB"), root)) std::puts(place.c_str());
  return 0;
}

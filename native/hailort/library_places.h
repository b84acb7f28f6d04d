#pragma once

#include <string>
#include <vector>

namespace hailort {

// Where libhailort is looked for, best first: `named` (HAILORT_LIB) alone if it says anything; else the loader's own
// search for libhailort.so, then the versioned files of the system's folders, the newest of each folder first (there is
// no libhailort.so.4: the library's own name is its full version). `root` stands before the folders.
std::vector<std::string> LibraryPlaces(const char* named, const std::string& root);

}  // namespace hailort

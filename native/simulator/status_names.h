#pragma once

#include "../hailort/abi.h"

// The enum's name as HailoRT 4.23 has it; NULL for a number that it does not know.
const char* StatusName(hailort::Status status);

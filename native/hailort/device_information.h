#pragma once

#include <napi.h>

#include "library.h"

namespace hailort {

// What a device says of itself, as native/hailort.ts shapes it. The first three ask the device: any thread but the
// JavaScript one; they throw what Check throws. The others: JavaScript thread.
DeviceIdentity Identify(const Api& api, Device device);
ExtendedDeviceInformation ExtendedInformation(const Api& api, Device device);
ChipTemperatureInfo Temperature(const Api& api, Device device);

Napi::Value IdentityToJs(Napi::Env env, const DeviceIdentity& identity);
Napi::Value ExtendedInformationToJs(Napi::Env env, const ExtendedDeviceInformation& information);
Napi::Value TemperatureToJs(Napi::Env env, const ChipTemperatureInfo& temperature);

}  // namespace hailort

// What the page says of the detector. Pure: from the JSON of a stream to texts.

/** Short notes beside the count, one for each thing that is not as it should be or as it seems. */
export function flagsOf({ status, cpuFallback, state }) {
  const simulated = state.backend === 'hailo' ? 'simulated NPU' : 'simulated detector'
  return [
    [status === 'degraded', 'degraded'],
    [state.simulated === true, simulated],
    [cpuFallback, 'CPU stands in for the NPU'],
    [state.quality === 'stale', 'stale'],
  ].flatMap(([raised, text]) => (raised ? [text] : []))
}

/** How the NPU does; empty when there is none. */
export function npuText(npu) {
  if (!npu) return ''
  const busy = `${Math.round(npu.utilisation * 100)} % busy`
  return npu.temperatureC === null ? busy : `${busy}, ${npu.temperatureC.toFixed(1)} °C`
}

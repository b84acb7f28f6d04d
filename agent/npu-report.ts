/** How the NPU of a detection is doing. What counts does so over all engine lives, since the agent started. */
export interface NpuReport {
  /** Share of the time in which it had a frame to work on, 0–1. */
  readonly utilisation: number
  /** Of the hotter sensor, in °C; null: not readable. */
  readonly temperatureC: number | null
  /** Frames of a batch ÷ the batch size, 0–1; null: no batch lately. */
  readonly batchFill: number | null
  /** From a frame's arrival in the ring until the NPU had it, mean, in milliseconds; null: no frame lately. */
  readonly queueAgeMs: number | null
  /** Inferences that it did not answer in time. */
  readonly timeouts: number
  /** Times it worked again after a fault. */
  readonly recoveries: number
}

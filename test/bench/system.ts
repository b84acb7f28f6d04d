/** A running system with one stream of the clip at 30 fps: ours or a peer. */
export interface System extends AsyncDisposable {
  readonly pid: number
  readonly streamUrl: string
  readonly token: string
  /** Frames captured and frames inferred since it started. */
  counters(): Promise<{ frames_captured: number; frames_detected: number }>
}

/** The chips a HEF can be compiled for. */
export type HefChip = 'hailo8' | 'hailo8r' | 'hailo8l' | 'hailo15m' | 'hailo10h' | 'hailo15l' | 'hailo15h'

/** What the header of a HEF file says, before any device is opened. */
export interface HefHeader {
  /** Of the file format, 0–3. */
  readonly version: number
  readonly chip: HefChip
  /** The compiler's version, for example 3.29.0; null where the file does not say it. */
  readonly sdkVersion: string | null
}

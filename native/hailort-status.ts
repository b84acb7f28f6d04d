/** What the binding itself finds wrong, where no status of HailoRT says it. */
export type BindingFault =
  /** No libhailort on this machine. */
  | 'LIBRARY_MISSING'
  /** A libhailort of a product line or version that this binding does not know (5.x serves the Hailo-10H). */
  | 'LIBRARY_UNSUPPORTED'
  /** Functions are missing in it. */
  | 'LIBRARY_INCOMPLETE'
  /** The model has no input or output that can be used. */
  | 'MODEL_UNSUPPORTED'
  /** The chip answered something that cannot be: the frame says nothing about the world. */
  | 'OUTPUT_CORRUPT'
  /** Used after `close()`, or closed while at work. */
  | 'CLOSED'
